// SPDX-License-Identifier: Apache-2.0
//
// Documents that hold documents, made byte by byte: ZIP files (stored, so that
// nothing is needed to make them) and mails.

const TABLE = new Uint32Array(256).map((_, n) => {
	for (let i = 0; i < 8; i++)
		n = n & 1 ? 0xEDB88320 ^ (n >>> 1) : n >>> 1;
	return n;
});

function crc32(bytes) {
	let crc = 0xFFFFFFFF;

	for (const byte of bytes)
		crc = TABLE[(crc ^ byte) & 255] ^ (crc >>> 8);
	return (crc ^ 0xFFFFFFFF) >>> 0;
}

// What both headers of an entry share.
function common(bytes, name) {
	const head = Buffer.alloc(26);

	head.writeUInt16LE(20, 0); // version
	head.writeUInt16LE(0x800, 2); // names are UTF-8
	head.writeUInt32LE(0x21 << 16, 6); // 1 January 1980
	head.writeUInt32LE(crc32(bytes), 10);
	head.writeUInt32LE(bytes.length, 14);
	head.writeUInt32LE(bytes.length, 18);
	head.writeUInt16LE(name.length, 22);
	return head;
}

// A ZIP file of [name, content] pairs, in that order.
export function zip(entries) {
	const parts = [], directory = [];
	let offset = 0;

	for (const [text, content] of entries) {
		const name = Buffer.from(text);
		const bytes = Buffer.from(content);
		const head = common(bytes, name);
		const tail = Buffer.alloc(14);

		tail.writeUInt32LE(offset, 10);
		directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'),
		    head, tail, name);
		parts.push(Buffer.from('PK\x03\x04'), head, name, bytes);
		offset += 30 + name.length + bytes.length;
	}
	const index = Buffer.concat(directory);
	const end = Buffer.alloc(22);

	end.write('PK\x05\x06', 'latin1');
	end.writeUInt16LE(entries.length, 8);
	end.writeUInt16LE(entries.length, 10);
	end.writeUInt32LE(index.length, 12);
	end.writeUInt32LE(offset, 16);
	return Buffer.concat([...parts, index, end]);
}

// A mail with attachments: [name, type, content].
export function mail({ subject, from, to, date, text, attachments = [] }) {
	const head = [`From: ${from}`, `To: ${to}`, `Subject: ${subject}`,
		`Date: ${date}`, 'Message-ID: <1@example.org>',
		'MIME-Version: 1.0'];
	const body = ['Content-Type: text/plain; charset=utf-8', '', text];

	if (attachments.length === 0)
		return [...head, ...body, ''].join('\r\n');
	const lines = [...head, 'Content-Type: multipart/mixed; boundary="b"',
		'', '--b', ...body];

	for (const [name, type, content] of attachments)
		lines.push('--b', `Content-Type: ${type}; name="${name}"`,
		    `Content-Disposition: attachment; filename="${name}"`,
		    'Content-Transfer-Encoding: base64', '',
		    ...Buffer.from(content).toString('base64')
			.match(/.{1,76}/g));
	return [...lines, '--b--', ''].join('\r\n');
}
