// SPDX-License-Identifier: Apache-2.0
//
// The Debian package, made of the programs under test, and the Dockerfile,
// which no program here reads: that what it names is there.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { after, before } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { TIDEMARK, run, sha256 } from './lib-backup.mjs';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)),
    '../..');
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'tidemark-n-'));
const root = path.join(dir, 'root');
let deb;

function build(out, programs = path.dirname(TIDEMARK)) {
	return execFileSync(path.join(ROOT, 'packaging/deb/build'),
	    [programs, path.join(dir, out)], {
		encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'],
		env: { ...process.env, SOURCE_DATE_EPOCH: '1795400000',
			// Packing tightly is dpkg's business.
			DPKG_DEB_COMPRESSOR_TYPE: 'none' } }).trim();
}

function dpkg(...args) {
	return execFileSync('dpkg-deb', args, { encoding: 'utf8' });
}

function read(...names) {
	return fs.readFileSync(path.join(...names), 'utf8');
}

before(() => {
	deb = build('one');
	dpkg('-R', deb, root);
});
after(() => fs.rmSync(dir, { recursive: true, force: true }));

test('its control fields', () => {
	const field = (name) => dpkg('-f', deb, name).trim();
	const version = run(['version']).stdout.split(/\s/)[1];

	assert.equal(field('Package'), 'tidemark');
	assert.equal(field('Version'), `${version}-1`);
	assert.equal(field('Architecture'), execFileSync('dpkg',
	    ['--print-architecture'], { encoding: 'utf8' }).trim());
	assert.ok(Number(field('Installed-Size')) > 1000);
	const depends = field('Depends').split(', ').map((one) =>
	    one.split(' ')[0]);

	for (const name of ['libc6', 'libmicrohttpd12', 'libsqlite3-0',
		'libcurl4', 'libpoppler-glib8', 'libseccomp2', 'adduser',
		'debconf', 'init-system-helpers'])
		assert.ok(depends.includes(name), `${name}: ${depends}`);
});

test('what it holds, and whose that is', () => {
	const lines = dpkg('-c', deb).trim().split('\n');
	const names = lines.map((line) => line.split(/\s+/)[5]);

	for (const line of lines) {
		assert.match(line, /^[-d]\S+ root\/root /);
		assert.doesNotMatch(line, /^.....w|^........w/, line);
	}
	for (const name of ['./usr/bin/tidemark', './usr/bin/tidemark-extract',
		'./etc/tidemark/tidemark.ini',
		'./lib/systemd/system/tidemark.service',
		'./usr/share/doc/tidemark/copyright',
		'./usr/share/doc/tidemark/changelog.Debian.gz',
		'./usr/share/man/man1/tidemark-extract.1.gz'])
		assert.ok(names.includes(name), name);
	for (const [name, wanted] of read(root, 'DEBIAN/md5sums').trim()
	    .split('\n').map((line) => line.split('  ').reverse()))
		assert.equal(execFileSync('md5sum', [path.join(root, name)],
		    { encoding: 'utf8' }).split(' ')[0], wanted, name);
	assert.match(read(root, 'usr/share/doc/tidemark/copyright'),
	    /License: GPL-2\+\n/);
	const help = run(['help']).stdout;

	// What the program can print of itself is in there.
	if (/^ {2}man /m.test(help))
		for (const page of ['man1/tidemark.1', 'man5/tidemark.ini.5'])
			assert.match(gunzipSync(fs.readFileSync(path.join(root,
			    `usr/share/man/${page}.gz`))).toString(),
			    /^\.TH "?tidemark/im, page);
	if (/^ {2}completion /m.test(help))
		for (const name of ['bash-completion/completions/tidemark',
			'zsh/vendor-completions/_tidemark',
			'fish/vendor_completions.d/tidemark.fish'])
			assert.ok(fs.statSync(path.join(root, 'usr/share',
			    name)).size > 100, name);
});

test('its settings: every one, commented out, and readable', () => {
	const text = read(root, 'etc/tidemark/tidemark.ini');
	const table = read(ROOT, 'src/cmd/settings_tbl.h');
	const known = [...table.matchAll(/^SETTING\((\w+),/gm)].map(
	    (row) => row[1]).filter((name) => name !== 'config');
	const told = [...text.matchAll(/^#(\w+) =/gm)].map((row) => row[1]);
	const file = path.join(dir, 'all.ini');

	assert.deepEqual(told, known);
	assert.ok(text.split('\n').every((line) => line === '' ||
	    line.startsWith('#')));
	assert.equal(read(root, 'DEBIAN/conffiles'),
	    '/etc/tidemark/tidemark.ini\n');
	// Each line is one that the server takes.
	fs.writeFileSync(file, text.replace(/^#(\w+) = (.+)$/gm, '$1 = $2'));
	const end = run(['doctor', '--json', '--config', file, '--data',
		path.join(dir, 'none')], { env: {
		TIDEMARK_EXTRACTOR: '/bin/true' } });

	assert.deepEqual(JSON.parse(end.stdout).checks[0],
	    { check: 'settings', state: 'ok', detail: file, remedy: null });
});

test('its scripts', () => {
	for (const name of ['postinst', 'prerm', 'postrm']) {
		const script = path.join(root, 'DEBIAN', name);

		assert.equal(fs.statSync(script).mode & 0o777, 0o755);
		assert.equal(spawnSync('sh', ['-n', script]).status, 0, name);
	}
	// The unit and the scripts speak of the same folders and user.
	const unit = read(root, 'lib/systemd/system/tidemark.service');

	assert.match(unit, /^ExecStart=\/usr\/bin\/tidemark serve .*--config \/etc\/tidemark\/tidemark\.ini/m);
	assert.match(unit, /--data \/var\/lib\/tidemark/);
	assert.match(unit, /^User=tidemark$/m);
	// A migration takes as long as it takes.
	assert.match(unit, /^TimeoutStartSec=infinity$/m);
	const lintian = spawnSync('lintian', ['--allow-root',
		'--fail-on=error', deb], { encoding: 'utf8' });

	if (lintian.error === undefined)
		assert.doesNotMatch(lintian.stdout, /^E: (?!tidemark: (sharedobject|unstripped|library-not))/m);
});

test('the same programs give the same package', () => {
	// Small ones do as well.
	const programs = path.join(dir, 'programs');

	fs.mkdirSync(programs);
	for (const name of ['tidemark', 'tidemark-extract'])
		fs.copyFileSync('/bin/true', path.join(programs, name));
	assert.equal(sha256(fs.readFileSync(build('two', programs))),
	    sha256(fs.readFileSync(build('three', programs))));
});

test('the Dockerfile names what is there', () => {
	const file = path.join(ROOT, 'packaging/docker/Dockerfile');
	// Lines that go on are one; comments are none.
	const lines = read(file).replace(/\\\n/g, ' ').split('\n')
	    .filter((line) => line !== '' && !line.startsWith('#'));
	const kept = read(`${file}.dockerignore`).split('\n').filter(
	    (line) => line.startsWith('!')).map((line) => line.slice(1));
	const words = lines.map((line) => line.trim().split(/\s+/));
	const verbs = words.map(([verb]) => verb);
	const stages = [];

	for (const [verb, ...rest] of words) {
		assert.ok(['FROM', 'WORKDIR', 'COPY', 'RUN', 'ARG', 'ENV',
			'USER', 'VOLUME', 'EXPOSE', 'STOPSIGNAL',
			'HEALTHCHECK', 'ENTRYPOINT', 'CMD'].includes(verb),
		    verb);
		if (verb === 'FROM') {
			assert.equal(rest[0], 'debian:bookworm-slim');
			stages.push(rest[1] === 'AS' ? rest[2] : '');
		}
		if (verb !== 'COPY')
			continue;
		if (rest[0].startsWith('--from=')) {
			assert.ok(stages.slice(0, -1).includes(
			    rest[0].slice(7)));
			continue;
		}
		for (const source of rest.slice(0, -1)) {
			assert.ok(fs.existsSync(path.join(ROOT, source)),
			    source);
			assert.ok(kept.includes(source),
			    `${source} is not sent to the builder`);
		}
	}
	assert.deepEqual(stages, ['build', '']);
	// Whatever is needed is listed in one place, and installed from there.
	assert.ok(lines.includes('RUN tools/install_deps deb'));
	assert.ok(lines.includes('RUN make deb'));
	assert.ok(verbs.indexOf('USER') < verbs.indexOf('ENTRYPOINT'));
	assert.ok(lines.includes('USER tidemark'));
	assert.ok(lines.includes('VOLUME /var/lib/tidemark'));
	assert.ok(lines.includes('EXPOSE 8420'));
	assert.ok(lines.includes('ENTRYPOINT ["tidemark"]'));
	assert.ok(lines.includes('CMD ["serve"]'));
	assert.match(lines.find((line) => line.startsWith('HEALTHCHECK')),
	    /CMD \["curl", .*"http:\/\/127\.0\.0\.1:8420\/health\/ready"\]$/);
	// Each name in ENV is a setting.
	const table = read(ROOT, 'src/cmd/settings_tbl.h');

	for (const [, name] of lines.find((line) => line.startsWith('ENV'))
	    .matchAll(/TIDEMARK_(\w+)=/g))
		assert.match(table, new RegExp(
		    `^SETTING\\(${name.toLowerCase()},`, 'm'));
});
