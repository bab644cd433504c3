// SPDX-License-Identifier: Apache-2.0
//
// Words of a query find their other forms, in the language of each document.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Server } from './lib.mjs';

// What is found by forms that the text does not have.
const TEXTS = {
	'en.txt': 'The harbour pilots were connecting the towns of the coast ' +
	    'with each other, and they have been indexing all of the ships.',
	'de.txt': 'Die Verwaltung der Häfen hat über die neuen Verbindungen ' +
	    'beraten, und sie wird mit den Städten an der Küste sprechen.',
	'fr.txt': 'Les navigateurs ont continué de chercher des informations ' +
	    'sur les marées, et ils ne sont pas rentrés avec leurs bateaux.',
	'es.txt': 'Los trabajadores de la ciudad no han pagado las ' +
	    'comunicaciones, y el capitán está en una de las islas.',
	'it.txt': 'I pescatori della città hanno comprato delle reti nuove, ' +
	    'e non sono ancora tornati con le loro navigazioni lunghe.',
};
const FORMS = {
	'en.txt': ['connection', 'connected', 'indexes', 'indexed', 'pilot',
	    'harbours', 'Ship'],
	'de.txt': ['Verbindung', 'Hafen', 'neuer', 'Stadt', 'Küsten'],
	'fr.txt': ['navigateur', 'information', 'marée', 'bateau'],
	'es.txt': ['trabajador', 'pagar', 'comunicación'],
	'it.txt': ['pescatore', 'navigazione', 'nuovo'],
};

let server;

before(async () => {
	server = await Server.start();
	await server.base('coast');
	await server.end(await server.texts('coast', Object.entries(TEXTS)
	    .map(([name, text]) => ({ name, text }))));
});
after(() => server.stop());

async function names(base, query) {
	const { results } = await server.ok('POST', `/bases/${base}/query`,
	    { body: { query, limit: 100, semantic_ratio: 0 } });

	return [...new Set(results.map((result) => result.name))].sort();
}

async function expectForms(base) {
	for (const [name, forms] of Object.entries(FORMS))
		for (const form of forms)
			assert.ok((await names(base, form)).includes(name),
			    `${form} finds ${name}`);
}

test('forms of a word find each other, in five languages', async () => {
	await expectForms('coast');
	// What is no form of it is another word.
	assert.deepEqual(await names('coast', 'universe'), []);
	assert.deepEqual(await names('coast', 'Verbindung'), ['de.txt']);
	assert.deepEqual(await names('coast', 'indexes'), ['en.txt']);
});

test('one query asks in all of them', async () => {
	assert.deepEqual(await names('coast', 'indexes Stadt bateau pagar'),
	    ['de.txt', 'en.txt', 'es.txt', 'fr.txt']);
});

test('what a document says of itself holds, if it is not clearly wrong',
    async () => {
	const page = (language, text) =>
	    `<html lang="${language}"><body><p>${text}</p></body></html>`;

	await server.base('pages');
	// A template that says "en" whatever it holds.
	server.put('wrong.html', page('en', TEXTS['de.txt']));
	// Too short to tell by.
	server.put('short.html', page('de-AT', 'Flughäfen, Bahnhöfe'));
	await server.end(await server.folder('pages'));
	assert.deepEqual(await names('pages', 'Hafen'), ['wrong.html']);
	assert.deepEqual(await names('pages', 'Flughafen'), ['short.html']);
	assert.deepEqual(await names('pages', 'Bahnhof'), ['short.html']);
});

test('words of most segments are left out where there are others',
    async () => {
	const documents = [];

	await server.base('many');
	for (let i = 0; i < 300; i++)
		documents.push({ name: `n${i}`,
			text: `The report on pier ${i} of the harbour.` });
	documents.push({ name: 'lighthouse', text: 'A lighthouse.' });
	await server.end(await server.texts('many', documents));
	assert.deepEqual(await names('many', 'the reports on lighthouses'),
	    ['lighthouse']);
	assert.equal((await names('many', 'the reports')).length, 100);
	assert.deepEqual(await names('many', '"report on pier 17"'),
	    ['n17']);
});

test('all of it is the same after a restart', async () => {
	assert.equal(await server.halt(), 0);
	await server.run();
	await expectForms('coast');
});
