// SPDX-License-Identifier: Apache-2.0
//
// Runs before the page is drawn, so that a dark page does not flash light.
// No module: those wait until the page is there.

{
	const themes = ['auto', 'light', 'dark'];
	let kept = null;

	try {
		kept = localStorage.getItem('tidemark-theme');
	} catch {
		// A browser that keeps nothing follows the system.
	}
	document.documentElement.dataset.theme =
	    themes.includes(kept) ? kept : 'auto';
}
