// SPDX-License-Identifier: Apache-2.0
//
// A request as a line for the shell, with this server's own address.

import { h, announce } from './dom.js';

// A word of the shell that is this text, whatever is in it.
function quoted(text) {
	return /^[\w./:=@%+,-]+$/.test(text) ? text
	    : `'${text.replaceAll('\'', '\'\\\'\'')}'`;
}

// A parameter's place, to be written over.
function placeholder(name) {
	return name.replace(/[^A-Za-z0-9]+/g, '_').toUpperCase();
}

function address({ path, parameters }) {
	const filled = path.replace(/\{([^}]+)\}/g, (_, name) =>
	    placeholder(name));
	const query = parameters.filter((one) => one.in === 'query' &&
	    one.required).map((one) => `${one.name}=` +
	    placeholder(one.name)).join('&');

	return location.origin + filled + (query && `?${query}`);
}

// The headers that let somebody in; none where nobody needs to.
function credentials(operation) {
	const schemes = operation.api.doc.components?.securitySchemes ?? {};
	const need = operation.security.flatMap(Object.keys)
	    .map((name) => schemes[name])
	    .find((one) => one?.type === 'http' || one?.in === 'header');

	if (need === undefined)
		return [];
	return ['-H', need.type === 'http'
	    ? 'Authorization: Bearer $KEY' : `${need.name}: $KEY`];
}

export function exampleOf(api, media) {
	const first = Object.values(media?.examples ?? {})[0];

	return first === undefined ? media?.example
	    : api.follow(first).node.value;
}

function bodyOf({ api, body, node }) {
	const content = node.requestBody === undefined ? {}
	    : body.content ?? {};
	const json = content['application/json'];
	const form = content['multipart/form-data'];

	if (json !== undefined)
		return ['-H', 'Content-Type: application/json', '-d',
			JSON.stringify(exampleOf(api, json) ?? {})];
	if (form !== undefined)
		return ['-F', 'file=@FILE'];
	return Object.keys(content).length > 0 ? ['--data-binary', '@FILE']
	    : [];
}

// $KEY has to be seen by the shell: such a word stands in double quotes.
function word(text) {
	return text.includes('$KEY') ? `"${text}"` : quoted(text);
}

export function curlLine(operation) {
	const method = operation.verb === 'GET' ? []
	    : ['-X', operation.verb];
	const needed = operation.parameters.filter((one) =>
	    one.in === 'header' && one.required).flatMap((one) =>
	    ['-H', `${one.name}: ${placeholder(one.name)}`]);

	return ['curl', ...method, ...credentials(operation), ...needed,
		...bodyOf(operation), address(operation)].map(word).join(' ');
}

async function copy(text, box) {
	try {
		await navigator.clipboard.writeText(text);
	} catch {
		// Without https a page may not write there by itself.
		const range = document.createRange();

		range.selectNodeContents(box);
		getSelection().removeAllRanges();
		getSelection().addRange(range);
		if (!document.execCommand('copy'))
			return 'Selected';
	}
	return 'Copied';
}

// The text in a box with a button that copies it.
export function copyBox(text, label) {
	const box = h('pre', { class: 'docs-code', tabindex: '0',
		'aria-label': label }, text);
	const button = h('button', { type: 'button', class: 'docs-copy',
		'aria-label': `Copy: ${label}` }, 'Copy');

	button.addEventListener('click', async () => {
		button.textContent = await copy(text, box);
		announce(button.textContent);
		setTimeout(() => {
			button.textContent = 'Copy';
		}, 2000);
	});
	return h('div', { class: 'docs-box' }, box, button);
}
