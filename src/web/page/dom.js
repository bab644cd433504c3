// SPDX-License-Identifier: Apache-2.0
//
// Elements without markup.  Whatever a name, a sentence or a document's text
// holds, it becomes a text node or the value of a harmless attribute: nothing
// here parses HTML, and what could run something is refused.

const SVG = 'http://www.w3.org/2000/svg';

// What must be set as a property, as the attribute says only how it began.
const PROPERTIES = new Set(['value', 'checked', 'selected', 'indeterminate',
	'disabled', 'hidden', 'open']);
// Attributes that hold script, markup or style.
const REFUSED = /^(on.*|style|srcdoc|http-equiv)$/i;
const ADDRESSES = new Set(['href', 'src', 'action', 'formaction',
	'xlink:href']);

// Only addresses of this server, of pictures made here, and of the web.
function isHarmless(address) {
	const { protocol } = new URL(address, location.href);

	return ['http:', 'https:', 'blob:'].includes(protocol);
}

function setAttribute(el, name, value) {
	if (REFUSED.test(name))
		throw new Error(`${name} may not be set`);
	if (ADDRESSES.has(name) && !isHarmless(value))
		throw new Error(`${name} may not be ${value}`);
	el.setAttribute(name, value);
}

function setProp(el, name, value) {
	if (name === 'on') {
		for (const [event, call] of Object.entries(value))
			el.addEventListener(event, call);
	} else if (name === 'css') {
		// Custom properties and sizes that depend on data.
		for (const [what, how] of Object.entries(value))
			el.style.setProperty(what, how);
	} else if (value === null || value === undefined) {
		return;
	} else if (name === 'text') {
		el.textContent = value;
	} else if (PROPERTIES.has(name)) {
		el[name] = value;
	} else if (/^(aria-|data-)/.test(name)) {
		el.setAttribute(name, String(value));
	} else if (value === true) {
		setAttribute(el, name, '');
	} else if (value !== false) {
		setAttribute(el, name, String(value));
	}
}

function append(el, children) {
	for (const child of children.flat(Infinity)) {
		if (child === null || child === undefined || child === false)
			continue;
		el.append(child instanceof Node ? child : String(child));
	}
}

function make(el, props, children) {
	const isProps = props !== null && typeof props === 'object' &&
	    !(props instanceof Node) && !Array.isArray(props);

	if (!isProps)
		children = [props, ...children];
	append(el, children);
	// Last, as a <select> has its value among its children only.
	for (const [name, value] of Object.entries(isProps ? props : {}))
		setProp(el, name, value);
	return el;
}

// An element.  props: class, text, title, on: {click: fn}, css: {'--x': '1'},
// aria-*, data-*, any attribute; null, undefined and false leave it out, true
// sets it.  children: elements, texts, null, arrays of them.  props may be left
// out.
export function h(tag, props, ...children) {
	return make(document.createElement(tag), props, children);
}

// The same of SVG.
export function svg(tag, props, ...children) {
	return make(document.createElementNS(SVG, tag), props, children);
}

// Let parent have these children and no others.
export function put(parent, ...children) {
	parent.replaceChildren();
	append(parent, children);
	return parent;
}

export function clear(el) {
	el.replaceChildren();
	return el;
}

export function byId(id) {
	return document.getElementById(id);
}

// Let a screen reader say it, when it has said what it is at.
export function announce(text) {
	const place = byId('announce');

	// The same words again are news only when they were gone between.
	place.textContent = '';
	setTimeout(() => {
		place.textContent = text;
	}, 50);
}

// Ids for labels and descriptions, each once.
let ids = 0;

export function newId(prefix = 'x') {
	ids += 1;
	return `${prefix}-${ids}`;
}
