// SPDX-License-Identifier: Apache-2.0
//
// What an old database is held against: told when it was made and, in the same
// words, after it was migrated.

const API = '/api/v1';

// The graph of `people`, the names in `kept`, and what is remembered.
export async function sharedNow(server, { people, kept }) {
	const { nodes, edges } = await server.get(
	    `${API}/datasets/${people}/graph`);
	const label = new Map(nodes.map((node) => [node.id, node.label]));
	const rows = await server.get(`${API}/datasets/${kept}/data`);
	const said = await server.post(`${API}/recall`, {
		query: 'Who keeps watch?', session_id: 'watch',
		scope: 'session' });

	return {
		nodes: nodes.map((node) => `${node.type} ${node.label}`).sort(),
		edges: edges.map((edge) => `${label.get(edge.source)} ` +
		    `${edge.label} ${label.get(edge.target)}`).sort(),
		names: rows.map((row) => row.name),
		status: await server.get(`${API}/datasets/status?` +
		    `dataset=${people}&dataset=${kept}`),
		said: said.map((item) => item.answer),
		// Once each: this asks, too.
		asked: [...new Set((await server.get(`${API}/search`)).map(
		    (row) => `${row.user}: ${row.text}`))],
	};
}
