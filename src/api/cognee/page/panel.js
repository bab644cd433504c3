// SPDX-License-Identifier: Apache-2.0
//
// panel: what is known of the chosen node.  Whatever a text or a name holds is
// text here: nothing is ever written as markup.

const ROWS_FEW = 40;

// An element; parts are strings or elements.
function make(tag, name, ...parts) {
	const element = document.createElement(tag);

	if (name)
		element.className = name;
	element.append(...parts.filter((part) => part !== undefined));
	return element;
}

// A name, in whatever direction it is written.
function nameOf(text, name = 'name') {
	const element = make('span', name, text);

	element.dir = 'auto';
	return element;
}

function button(name, act, ...parts) {
	const element = make('button', name, ...parts);

	element.type = 'button';
	element.addEventListener('click', act);
	return element;
}

const WHAT = { type: 'Type of entities', text: 'Text',
	document: 'Document' };

class Panel {
	// actions: { choose(node), show(kind), close() }
	constructor(element, graph, actions) {
		this.element = element;
		this.graph = graph;
		this.actions = actions;
	}

	markOf(node) {
		const { kind, type } = this.graph.nodes[node];
		const at = this.graph.types.findIndex(({ name }) =>
		    name === (type ?? ''));
		const mark = make('span', `mark ${kind !== 'entity' ? kind
		    : at < COLOURS ? `t${at}` : ''}`);

		mark.setAttribute('aria-hidden', 'true');
		return mark;
	}

	hide() {
		this.element.hidden = true;
	}

	// isShown: is the node in the picture?
	show(node, isShown) {
		const { graph } = this;
		const { name, kind } = graph.nodes[node];
		const title = make('h2', '', name === '' ? '(no name)' : name);
		const close = button('close', this.actions.close, '×');
		const body = make('div', 'body');

		title.dir = 'auto';
		close.setAttribute('aria-label', 'Close');
		body.append(this.what(node), ...this.words(node));
		if (!isShown)
			body.append(make('p', 'faint', 'It is not in the ' +
			    'picture. ', button('', () =>
			    this.actions.reveal(node), 'Show it')));
		this.addLinks(body, node, kind);
		const { element } = this;
		const hadFocus = element.contains(document.activeElement);

		element.replaceChildren(make('div', 'top', title, close),
		    body);
		element.hidden = false;
		// What had it is gone.
		if (hadFocus)
			element.focus();
		body.scrollTop = 0;
	}

	what(node) {
		const { kind, type, dataset } = this.graph.nodes[node];
		const words = WHAT[kind] ?? (type || 'Entity');
		const line = make('p', 'what', this.markOf(node),
		    nameOf(words));

		if (this.graph.datasets.length > 1)
			line.append(nameOf(`in ${this.graph.datasets[dataset]
			    .name}`, 'faint'));
		return line;
	}

	words(node) {
		const { kind, weight, segments, documents, description, text } =
		    this.graph.nodes[node];
		const lines = [];

		if (kind === 'entity')
			lines.push(make('p', 'faint', 'Named ' +
			    `${counted(weight, 'time')} in ` +
			    `${counted(segments, 'text')} of ` +
			    `${counted(documents, 'document')}.`));
		for (const words of [description, text])
			if (words) {
				const line = make('p', '', words);

				line.dir = 'auto';
				lines.push(line);
			}
		return lines;
	}

	addLinks(body, node, kind) {
		const rows = this.graph.linksOf(node);
		const kindOf = (row) => this.graph.nodes[row.other].kind;
		const with_ = (wanted) => rows.filter((row) =>
		    kindOf(row) === wanted);
		const entities = with_('entity');
		const parts = kind === 'entity' ? [['Linked with', entities],
			['Is', with_('type')], ['Texts that name it',
			with_('text')]]
		    : kind === 'text' ? [['Of the document', with_('document')],
			['Names', entities]]
		    : kind === 'type' ? [['Entities of this type', entities]]
		    : [['Its texts', with_('text')]];

		for (const [title, some] of parts)
			if (some.length > 0)
				this.addList(body, title, some);
	}

	addList(body, title, rows) {
		const list = make('ul', '');
		const fill = (from, to) => list.append(...rows.slice(from, to)
		    .map((row) => this.row(row)));

		body.append(make('h3', '', `${title} (${rows.length
		    .toLocaleString('en')})`), list);
		fill(0, ROWS_FEW);
		if (rows.length > ROWS_FEW) {
			const more = button('rest', () => {
				more.remove();
				fill(ROWS_FEW, rows.length);
			}, `Show ${counted(rows.length - ROWS_FEW, 'more',
			    'more')}`);

			body.append(more);
		}
	}

	row({ link, other, isOut }) {
		const { name, text, kind } = this.graph.nodes[other];
		const row = button('', () => this.actions.choose(other));
		const verb = link.label.replaceAll('_', ' ');

		if (kind === 'entity' && this.isRelation(link))
			row.append(make('span', 'verb', isOut ? `${verb} → `
			    : `← ${verb} `));
		row.append(nameOf(name === '' ? '(no name)' : name));
		if (link.weight > 1 && kind === 'entity')
			row.append(make('span', 'verb', ` × ${link.weight
			    .toLocaleString('en')}`));
		if (kind === 'text' && text)
			row.append(nameOf(text, 'quote'));
		return make('li', '', row);
	}

	isRelation({ source, target }) {
		const { nodes } = this.graph;

		return nodes[source].kind === 'entity' &&
		    nodes[target].kind === 'entity';
	}
}
