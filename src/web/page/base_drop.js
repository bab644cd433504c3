// SPDX-License-Identifier: Apache-2.0
//
// Files and folders that are dropped or chosen, as a list of {file, name}: name
// is the path within what was dropped.

import { h, announce } from './dom.js';
import { toast } from './app_tools.js';
import { number } from './format.js';

// More than that is a disk, not a drop: the browser holds each of them.
export const FILES_MAX = 100000;
const DEPTH_MAX = 64;
// What a program keeps for itself; the scan of a folder leaves it out, too.
const LEFT_OUT = new Set(['.git', '.hg', '.svn']);

function readEntries(reader) {
	return new Promise((resolve, reject) =>
	    reader.readEntries(resolve, reject));
}

function fileOf(entry) {
	return new Promise((resolve, reject) => entry.file(resolve, reject));
}

// What could not be read is told of, not passed over.
async function walk(entry, path, found, depth) {
	if (found.files.length >= FILES_MAX) {
		found.isCut = true;
		return;
	}
	try {
		if (entry.isFile) {
			found.files.push({ file: await fileOf(entry),
				name: path + entry.name });
			return;
		}
		if (LEFT_OUT.has(entry.name))
			return;
		if (depth >= DEPTH_MAX)
			throw new RangeError('folders in folders without end');
		const reader = entry.createReader();

		// A reader gives a hundred at a time, and none at the end.
		for (;;) {
			const entries = await readEntries(reader);

			if (entries.length === 0)
				return;
			for (const each of entries)
				await walk(each, `${path}${entry.name}/`, found,
				    depth + 1);
		}
	} catch {
		found.unread.push(path + entry.name);
	}
}

function tell({ unread, isCut }) {
	if (isCut)
		toast(`Only the first ${number(FILES_MAX)} files are taken. ` +
		    'For more, run tidemark index FOLDER.', 'bad');
	if (unread.length > 0)
		toast(`${number(unread.length)} could not be read by the ` +
		    `browser, ${unread[0]} among them.`, 'bad');
}

// What lies in a DataTransfer; it has to be looked at before the event ends.
export async function droppedFiles(transfer) {
	const items = [...transfer.items].filter(({ kind }) => kind === 'file');
	const entries = items.map((item) => item.webkitGetAsEntry?.() ?? null);
	const plain = items.map((item, i) => entries[i] === null
	    ? item.getAsFile() : null);
	const found = { files: [], unread: [], isCut: false };

	for (const [i, entry] of entries.entries()) {
		if (entry !== null)
			await walk(entry, '', found, 0);
		else if (plain[i] !== null)
			found.files.push({ file: plain[i],
				name: plain[i].name });
	}
	tell(found);
	return found.files;
}

// Those of an <input type=file>.
export function chosenFiles(input) {
	const files = [...input.files].map((file) => ({ file,
		name: file.webkitRelativePath || file.name }))
	    .filter(({ name }) => !name.split('/').slice(0, -1)
		.some((part) => LEFT_OUT.has(part)));

	tell({ unread: [], isCut: files.length > FILES_MAX });
	return files.slice(0, FILES_MAX);
}

function hasFiles(event) {
	return [...event.dataTransfer?.types ?? []].includes('Files');
}

/*
 * Let files be dropped on the element; take(files) gets them.  Returns the
 * element.  While something is held over it, it has the class is-over.
 */
export function dropZone(el, take) {
	let depth = 0;	// of the elements that were entered

	function mark(change) {
		depth = change === 0 ? 0 : Math.max(0, depth + change);
		el.classList.toggle('is-over', depth > 0);
	}
	el.classList.add('drop-zone');
	el.addEventListener('dragenter', (event) => {
		if (!hasFiles(event))
			return;
		event.preventDefault();
		mark(1);
	});
	el.addEventListener('dragover', (event) => {
		if (!hasFiles(event))
			return;
		event.preventDefault();
		event.dataTransfer.dropEffect = 'copy';
	});
	el.addEventListener('dragleave', (event) => {
		if (hasFiles(event))
			mark(-1);
	});
	el.addEventListener('drop', async (event) => {
		if (!hasFiles(event))
			return;
		event.preventDefault();
		event.stopPropagation();
		mark(0);
		const files = await droppedFiles(event.dataTransfer);

		if (files.length === 0)
			announce('There is no file in it.');
		else
			take(files);
	});
	return el;
}

// A button that opens the browser's own choice of files, or of a folder.
export function chooser(text, take, { isFolder = false, kind = '' } = {}) {
	const input = h('input', { type: 'file', hidden: true, multiple: true,
		webkitdirectory: isFolder, on: { change: () => {
			const files = chosenFiles(input);

			// The same file may be chosen again.
			input.value = '';
			if (files.length > 0)
				take(files);
		} } });

	return h('span', { class: 'chooser' }, h('button', { type: 'button',
		class: `button${kind ? ` button-${kind}` : ''}`,
		on: { click: () => input.click() } }, text), input);
}
