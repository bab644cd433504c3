// SPDX-License-Identifier: Apache-2.0
//
// What changes, as it changes: one stream of server-sent events for all of the
// page.  Browsers open six connections to a host and no more, for all windows
// together; so a job's view takes its job from here, and a page that nobody
// sees gives its connection back.
//
//	live   the stream is open
//	lost   it is not, and we try again; the browser by itself after an
//	       interruption, we where the browser gives up
//	away   nobody looks; it is opened again as soon as somebody does
//
// Events have numbers that stay right over restarts of the server.  After a
// short absence what was missed is replayed from the last number; after a long
// one, and where no number is known, handlers get {event: 'reset'} and load
// what they show afresh.

import { ROOT } from './api.js';
import { check } from './session.js';

const AWAY_MS = 10000;		// hidden for so long: close
const REPLAY_MS = 600000;	// away for longer: load afresh
const TICK_MS = 10000;
const ASLEEP_MS = 60000;	// between two ticks: the machine slept
const QUIET_MS = 120000;	// no event: the line may be dead, open anew
const LOST_MS = 1500;		// shorter interruptions are not worth a word
const RETRY_MS = [1000, 2000, 4000, 8000, 15000];

const handlers = new Set();
const watchers = new Set();
let source = null;
let lastId = null;	// of the last event; null: none is known
let shown = 'lost';	// what watchers of the status were told
let lostTimer = null;
let retryTimer = null;
let awayTimer = null;
let tries = 0;
let lastTick = Date.now();
let lastNews = Date.now();
let closedAt = 0;
let isOn = false;
let wasOpen = false;

function tell(what) {
	clearTimeout(lostTimer);
	lostTimer = null;
	if (what === shown)
		return;
	shown = what;
	for (const watcher of [...watchers])
		watcher(what);
}

function tellLost() {
	if (shown === 'live' && lostTimer === null)
		lostTimer = setTimeout(() => tell('lost'), LOST_MS);
}

function emit(event) {
	for (const handler of [...handlers]) {
		try {
			handler(event);
		} catch (error) {
			// One view's mistake is not to stop the others.
			console.error(error);
		}
	}
}

function onEvent(message) {
	let data = null;

	lastNews = Date.now();
	if (message.lastEventId !== '')
		lastId = message.lastEventId;
	try {
		data = JSON.parse(message.data);
	} catch {
		return;
	}
	emit({ event: message.type, data, id: message.lastEventId });
}

function close() {
	clearTimeout(retryTimer);
	source?.close();
	source = null;
}

function onOpen() {
	tries = 0;
	lastNews = Date.now();
	// Another window may have signed in as somebody else meanwhile.
	if (wasOpen)
		check().catch(() => {});
	wasOpen = true;
	tell('live');
	// Without a number nothing was replayed: something may be missing.
	if (lastId === null)
		emit({ event: 'reset', data: null, id: null });
}

// The browser has given up: the session is over, or something between answers
// in the server's place.
async function onFatal() {
	close();
	closedAt ||= Date.now();
	try {
		// Asks for a key when that is what is missing.
		await check();
	} catch {
		// The server is away; it is tried again below.
	}
	// A page that nobody sees opens it when somebody does.
	if (!isOn || source !== null || document.hidden)
		return;
	clearTimeout(retryTimer);
	retryTimer = setTimeout(reopen,
	    RETRY_MS[Math.min(tries, RETRY_MS.length - 1)]);
	tries += 1;
}

function open() {
	const mark = lastId === null ? ''
	    : `&last_event_id=${encodeURIComponent(lastId)}`;
	const mine = new EventSource(`${ROOT}/events?only=jobs${mark}`);

	close();
	source = mine;
	closedAt = 0;
	mine.addEventListener('open', () => mine === source && onOpen());
	mine.addEventListener('error', () => {
		if (mine !== source)
			return;
		tellLost();
		if (mine.readyState === EventSource.CLOSED)
			onFatal();
	});
	for (const type of ['job', 'item', 'now', 'reset'])
		mine.addEventListener(type, (message) =>
		    mine === source && onEvent(message));
}

// Open again, replaying what was missed when that was not long ago.
function reopen() {
	if (closedAt > 0 && Date.now() - closedAt > REPLAY_MS)
		lastId = null;
	open();
}

function onTick() {
	const now = Date.now();
	const slept = now - lastTick > ASLEEP_MS;

	lastTick = now;
	if (!isOn || document.hidden || source === null)
		return;
	if (slept)
		lastId = null;
	else if (now - lastNews < QUIET_MS)
		return;
	lastNews = now;
	open();
}

function onVisibility() {
	clearTimeout(awayTimer);
	if (!isOn)
		return;
	if (document.hidden) {
		awayTimer = setTimeout(() => {
			close();
			closedAt ||= Date.now();
			tell('away');
		}, AWAY_MS);
	} else if (source === null) {
		lastTick = Date.now();
		reopen();
	}
}

// Begin; resolves when the stream is open, or soon after when it does not.
export function start() {
	isOn = true;
	document.addEventListener('visibilitychange', onVisibility);
	addEventListener('online', () => isOn && shown !== 'live' &&
	    !document.hidden && reopen());
	addEventListener('pagehide', () => {
		close();
		closedAt ||= Date.now();
	});
	addEventListener('pageshow', (event) => {
		if (event.persisted && isOn && source === null)
			reopen();
	});
	setInterval(onTick, TICK_MS);
	return new Promise((resolve) => {
		const stop = status((what) => {
			if (what !== 'live')
				return;
			stop();
			resolve();
		});

		setTimeout(resolve, LOST_MS);
		open();
	});
}

export function stop() {
	isOn = false;
	close();
}

// handler gets {event: 'job', data: the job, id} of every job that changes, and
// {event: 'reset'} when it is to load afresh.  Returns what ends it.
export function watch(handler) {
	handlers.add(handler);
	return () => handlers.delete(handler);
}

// call() when what is shown may be old though no event has told of it: somebody
// turns to the page again, or it is to load afresh.  Returns what ends it.
export function watchReturn(call) {
	const onReturn = () => document.hidden || call();
	const stopWatch = watch(({ event }) => event === 'reset' && call());

	document.addEventListener('visibilitychange', onReturn);
	return () => {
		document.removeEventListener('visibilitychange', onReturn);
		stopWatch();
	};
}

// As watch(), of one job.
export function watchJob(id, handler) {
	return watch((event) => {
		if (event.event === 'reset' || (event.event === 'job' &&
		    event.data.id === id))
			handler(event);
	});
}

// handler is told 'live', 'lost' or 'away', now and with each change.
export function status(handler) {
	watchers.add(handler);
	handler(shown);
	return () => watchers.delete(handler);
}
