// SPDX-License-Identifier: Apache-2.0
//
// Dialogs that send something: a form whose mistakes are told in it, and what is
// shown once and never again.

import { h, put } from './dom.js';
import { button, copyField, dialog, errorWords } from './app_tools.js';
import { icon } from './icons.js';

// A dialog with these parts and two buttons.  send() does what is to be done
// and returns what the dialog resolves with; when it throws, the dialog stays
// and says why.  Resolves with null when it is left.
export function formDialog(title, { parts, yes, send }) {
	return dialog(title, (close) => {
		const wrong = h('p', { class: 'field-wrong', role: 'alert' });
		const go = h('button', { type: 'submit',
			class: 'button button-primary' }, yes);
		const submit = async (event) => {
			event.preventDefault();
			put(wrong);
			go.disabled = true;
			try {
				close(await send());
			} catch (error) {
				put(wrong, errorWords(error));
			} finally {
				go.disabled = false;
			}
		};

		return h('form', { class: 'stack', novalidate: true,
			on: { submit } }, parts, wrong,
		    h('div', { class: 'row dialog-actions' },
			button('Cancel', () => close()), go));
	});
}

// A secret that is shown this once.
export function showSecret(title, label, secret, ...words) {
	return dialog(title, (close) => h('div', { class: 'stack' },
	    h('p', { class: 'notice' }, icon('bad'),
		'Copy it now: it is not shown again.'),
	    copyField(label, secret), words,
	    h('div', { class: 'row dialog-actions' },
		button('I have copied it', () => close(true),
		    { kind: 'primary' }))), { isFirm: true });
}

// Boxes to tick.  choices: [[value, words]]; .values() are those ticked.
export function ticks(label, choices, chosen) {
	const boxes = choices.map(([value, words]) => {
		const box = h('input', { type: 'checkbox', value,
			checked: chosen.includes(value) });

		return { box, row: h('label', { class: 'check' }, box,
		    h('span', { class: 'wrap', dir: 'auto' }, words)) };
	});
	const el = h('fieldset', { class: 'ticks' }, h('legend',
	    { class: 'field-label' }, label),
	h('div', { class: 'ticks-box' }, boxes.map(({ row }) => row)));

	el.values = () => boxes.filter(({ box }) => box.checked)
	    .map(({ box }) => box.value);
	return el;
}
