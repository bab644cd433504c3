// SPDX-License-Identifier: Apache-2.0
//
// Dialogs over a base: make one, change it, give it another model, delete it.

import { h } from './dom.js';
import { del, get, patch, post } from './api.js';
import { button, dialog, errorWords, field } from './app_tools.js';
import { plural } from './format.js';
import { chunkingFields } from './base_chunking.js';
import { visible } from './job_words.js';

const OTHER = '\u0000other';	// no model is called so
const DESCRIPTION_MAX = 4000;

// The form of a dialog: does its work once at a time, shows what went wrong,
// and closes with what the work returns.
function form(close, fields, yes, work, { kind = 'primary' } = {}) {
	const wrong = h('p', { class: 'field-wrong', role: 'alert',
		hidden: true });
	const send = h('button', { type: 'submit',
		class: `button button-${kind}` }, yes);
	const el = h('form', { class: 'stack', on: { submit: async (event) => {
		event.preventDefault();
		send.disabled = true;
		wrong.hidden = true;
		try {
			close(await work());
		} catch (error) {
			wrong.textContent = errorWords(error);
			wrong.hidden = false;
			wrong.scrollIntoView({ block: 'nearest' });
		}
		send.disabled = false;
	} } }, fields, wrong, h('div', { class: 'row dialog-actions' },
	    button('Cancel', () => close(null)), send));

	el.send = send;
	return el;
}

function modelWords(model) {
	const size = model.dimensions ? `, ${model.dimensions} dimensions` : '';

	return `${visible(model.name)}${size}${model.is_down
	    ? ' (not answering)' : ''}`;
}

/*
 * What a base can be embedded with; models: the answer of /models, current: the
 * base's own choice, null for the server's.  read() gives the fields of a POST.
 */
function modelFields({ models, takes_others: takesOthers }, current = null,
    dimensions = null) {
	const standard = models.find((model) => model.is_default);
	const isKnown = models.some((model) => model.name === current);
	const select = h('select', { value: current === null ? ''
	    : isKnown ? current : OTHER },
	    h('option', { value: '' }, 'The server\u2019s default' +
		(standard ? ` (${visible(standard.name)})` : '')),
	    models.map((model) => h('option', { value: model.name },
		modelWords(model))),
	    takesOthers || (current !== null && !isKnown)
		? h('option', { value: OTHER }, 'Another one\u2026') : null);
	const other = h('input', { type: 'text', class: 'mono',
		value: isKnown ? '' : current ?? '', spellcheck: 'false' });
	const size = h('input', { type: 'number', min: '1', max: '65536',
		value: dimensions === null ? '' : String(dimensions) });
	const otherField = field('Its name', other,
	    'As the embedding service calls it.');
	const sizeField = field('Dimensions, where the model can make ' +
	    'shorter vectors', size, 'Left empty: as many as the model has.');

	function follow() {
		otherField.hidden = select.value !== OTHER;
		sizeField.hidden = select.value === '' || !(takesOthers ||
		    models.find(({ name }) => name === select.value)
			?.kind === 'service');
	}
	select.addEventListener('change', follow);
	follow();
	return {
		elements: [field('Embedding model', select,
		    'What makes the vectors that nearness is told by.'),
			otherField, sizeField],
		read: () => ({
			embedding_model: select.value === '' ? null
			    : select.value === OTHER ? other.value.trim()
			    : select.value,
			embedding_dimensions: sizeField.hidden ||
			    size.value === '' ? null : Number(size.value),
		}),
	};
}

function textFields(base) {
	const name = h('input', { type: 'text', value: base?.name ?? '',
		required: true, maxlength: '255', autocomplete: 'off' });
	const description = h('textarea', { rows: '2',
		maxlength: String(DESCRIPTION_MAX),
		value: base?.description ?? '' });

	return {
		elements: [field('Name', name,
		    'Short: it is what commands and clients say.'),
			field('Description', description)],
		read: () => ({ name: name.value.trim(),
			description: description.value }),
	};
}

// Resolves with the base that was made, null when none was.
export async function makeBase(suggestion = '') {
	const models = await get('/models');

	return dialog('New base', (close) => {
		const text = textFields({ name: suggestion });
		const model = modelFields(models);
		const cut = chunkingFields();

		return form(close, [text.elements, model.elements,
			h('details', { class: 'more' },
			    h('summary', 'How documents are cut'),
			    cut.element)],
		    'Make the base', () => post('/bases', { ...text.read(),
			settings: cut.read(), ...model.read() }));
	});
}

// Resolves with the base as it is then, null when nothing was changed.
export function renameBase(base) {
	return dialog('Rename the base', (close) => {
		const text = textFields(base);

		return form(close, text.elements, 'Save', () =>
		    patch(`/bases/${base.id}`, text.read()));
	});
}

export function cutBase(base) {
	return dialog('How documents are cut', (close) => {
		const cut = chunkingFields(base.settings);

		return form(close, [cut.element, h('p',
		    { class: 'muted small' },
		    'Documents that are there already stay as they are until ' +
		    'they are indexed again: the next upload or run over ' +
		    'their folder does that.')], 'Save', () =>
		    patch(`/bases/${base.id}`, { settings: cut.read() }));
	});
}

/*
 * Another model.  Resolves with the base, which has a job where segments get
 * new vectors; null when nothing was asked.
 */
export async function embedBase(base) {
	const models = await get('/models');

	return dialog('Embedding model', (close) => {
		const model = modelFields(models, base.embedding_model,
		    base.embedding_dimensions);

		return form(close, [model.elements, h('p', { class: 'muted' },
		    `Each of ${plural(base.segments, 'segment')} gets a ` +
		    'vector of the new model. Until the last one is made, ' +
		    'the old ones answer.')], 'Use this model', () =>
		    patch(`/bases/${base.id}`, model.read()));
	});
}

// Resolves with true when it is gone.
export function deleteBase(base) {
	return dialog('Delete the base', (close) => {
		const name = h('input', { type: 'text', autocomplete: 'off',
			spellcheck: 'false' });
		const el = form(close, [h('p', 'With its ',
		    plural(base.documents, 'document'), ' and ',
		    plural(base.segments, 'segment'),
		    '. Files that were read in place stay where they are. ',
		    h('strong', 'This cannot be taken back.')),
			field(`Type \u201c${visible(base.name)
				}\u201d to confirm`, name)],
		    'Delete the base', async () => {
			await del(`/bases/${base.id}`);
			return true;
		    }, { kind: 'danger' });

		el.send.disabled = true;
		name.addEventListener('input', () => {
			// What cannot be seen cannot be typed.
			el.send.disabled = name.value !== base.name &&
			    name.value !== visible(base.name);
		});
		return el;
	}).then((answer) => answer === true);
}
