/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mails, mailboxes and saved pages.  The fixtures are made by
 * tests/data/make_documents.d/mail; what is small, broken or hostile is
 * written here.
 */
#include "extract_shared.h"

#define CHECK(name, title, bytes, wanted)                                     \
	check_bytes(name, bytes, sizeof(bytes) - 1, title, wanted)
#define TYPE(name, bytes, type)                                               \
	check_media_type(name, bytes, sizeof(bytes) - 1, type)

/* A mail of these fields and this body. */
#define HEAD "From: a@b.c\nMIME-Version: 1.0\n"
#define HEAD_OUT "p|From: a@b.c\nk|from|a@b.c\nk|author|a@b.c\n"

static void
test_charsets(void **state)
{
	static const struct {
		const char *charset, *subject, *body;
	} mails[] = {
	    {"koi8-r", "Письмо из Москвы", "Завтра будет снег."},
	    {"windows-1251", "Новини от София", "Пролетта идва рано."},
	    {"iso-8859-7", "Νέα από την Αθήνα", "Η θάλασσα είναι ήρεμη."},
	    {"iso-8859-1", "Grüße aus Köln", "Das Café schließt früher."},
	    {"iso-2022-jp", "東京からの手紙", "明日は雪が降るでしょう。"},
	    {"shift_jis", "大阪からの手紙", "海は静かです。"},
	    {"gb18030", "北京来信", "明天会下雪。"},
	    {"gb2312", "上海来信", "春天来得很早。"},
	    {"big5", "台北來信", "海面很平靜。"},
	    {"euc-kr", "서울에서 온 편지", "내일은 눈이 올 것입니다."},
	    {"windows-1255", "מכתב מירושלים", "מחר ירד שלג."},
	    {"windows-1256", "رسالة من القاهرة", "البحر هادئ اليوم."},
	    {"utf-8", "दिल्ली से पत्र", "कल बारिश होगी।"},
	    {"utf-7", "Письмо в семи битах", "Завтра будет снег."},
	    {"utf-16", "Grüße", "Zwei Bytes für jedes Zeichen."},
	};
	char path[128], wanted[1024];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(mails) / sizeof(mails[0]); i++) {
		(void)snprintf(path, sizeof(path), "mail/charset-%s.eml",
		    mails[i].charset);
		(void)snprintf(wanted, sizeof(wanted),
		    "h1|%s\n"
		    "p|From: Anna <anna@example.org>\n"
		    "k|from|Anna <anna@example.org>\n"
		    "p|To: boris@example.net\nk|to|boris@example.net\n"
		    "k|author|Anna\n"
		    "p|Date: 2025-01-06T10:00:00+01:00\n"
		    "k|sent_at|2025-01-06T09:00:00Z\np|%s\n",
		    mails[i].subject, mails[i].body);
		check_fixture(path, mails[i].subject, wanted);
	}
}

/* Libraries that use iconv(): it must open no file. */
static void
test_iconv(void **state)
{
	(void)state;
	check_fixture("mail/koi8-r.odt", "", "p|Снег и лёд\n");
	check_fixture("mail/euc-jp.odt", "", "p|雪と氷\n");
}

static void
test_structure(void **state)
{
	(void)state;
	check_fixture("mail/structure.eml", "Minutes",
	    "h1|Minutes\n"
	    "p|From: Ida Holm <ida@example.org>\n"
	    "k|from|Ida Holm <ida@example.org>\n"
	    "p|To: Berg, Olaf <olaf@example.org>, Jörg <joerg@example.org>\n"
	    "k|to|Berg, Olaf <olaf@example.org>, Jörg <joerg@example.org>\n"
	    "p|Cc: team: a@example.org, b@example.org\n"
	    "k|cc|team: a@example.org, b@example.org\n"
	    "k|author|Ida Holm\nk|message_id|<minutes@example.org>\n"
	    "p|Date: 2025-01-07T08:00:00-05:00\n"
	    "k|sent_at|2025-01-07T13:00:00Z\n"
	    "h2|Agenda\nl1|Début\nl1|End\nt|Who: Ida; What: Harbour\n"
	    "p|--\nA list's footer\n"
	    "l1|Attachment: Протокол собрания.txt\n"
	    "l1|Attachment: 日本.csv\n"
	    "l1|Attachment: Résumé 1_2.eml\n"
	    "l1|Attachment: attachment-4.ics\n"
	    "l1|Attachment: ida.vcf\n"
	    "l1|Attachment: attachment-6.pdf\n"
	    "m|Протокол собрания.txt|......: ......... ..........|28|NONE\n"
	    "m|日本.csv|a,b.1,2..|9|NONE\n"
	    "m|Résumé 1_2.eml|From: Carl <carl@example.com>.To: "
	    "ida@example.org.Subject: =|138|NONE\n"
	    "m|attachment-4.ics|BEGIN:VCALENDAR.END:VCALENDAR.|30|NONE\n"
	    "m|ida.vcf|BEGIN:VCARD.END:VCARD.|22|NONE\n"
	    "m|attachment-6.pdf|%PDF-1.4 short.|15|NONE\n");
}

static void
test_mailbox(void **state)
{
	(void)state;
	check_fixture("mail/inbox.mbox", "",
	    "l1|2009-06-01T10:00:00Z  ann@example.org  First\n"
	    "m|0001-First.eml|From: ann@example.org.Subject: First.Date: Mon, "
	    "1 Jun 2009 1|209|NONE\n"
	    "l1|2009-06-02T10:00:00Z  Bo <bo@example.org>  Второе\n"
	    "m|0002-Второе.eml|From: Bo <bo@example.org>.Subject: "
	    "=?utf-8?B?0JLRgtC+0YDQvtC|236|NONE\n"
	    "l1|2009-06-03T10:00:00Z  cy@example.org  a/b: c\n"
	    "m|0003-a_b: c.eml|From: cy@example.org.Subject: a/b: c.Date: "
	    "Mon, 3 Jun 2009 1|209|NONE\n");
	/* "From " without a date is text, and so is one behind a line of
	 * text; ">From " loses its mark, the empty line at the end goes. */
	CHECK("Inbox", "",
	    "From - Mon Jun 01 10:00:00 2009\nSubject: x\n\n"
	    "From me\n>From you\n>>From\n\nFrom us\nthem\n"
	    "From y Mon Jun 01 10:00:00 2009\n\n",
	    "l1|x\nm|0001-x.eml|Subject: x..From me.From you.>>From..From "
	    "us.them.From y Mon|82|NONE\n");
	/* A box that begins with a message. */
	CHECK("a.mbox", "",
	    "\nSubject: one\n\nx\n\nFrom a@b Mon Jun  1 10:00:00 2009\r\n"
	    "Subject: two\r\n\r\ny\r\n",
	    "l1|one\nm|0001-one.eml|Subject: one..x.|16|NONE\n"
	    "l1|two\nm|0002-two.eml|Subject: two....y..|19|NONE\n");
}

static void
test_page(void **state)
{
	(void)state;
	check_fixture("mail/page.mhtml", "Hafen",
	    "h1|Hafen überall\np|Schiffe.\np|Корабли.\n"
	    "k|created_at|2025-01-07T08:00:00Z\n");
	/* Without parts; the subject is the title. */
	CHECK("a.mht", "Page", "Subject: Page\nContent-Type: text/html\n\n"
	    "<p>Words", "p|Words\n");
}

/* ---- what is a mail ------------------------------------------------------ */

static void
test_tell(void **state)
{
	(void)state;
	TYPE("a", "Return-Path: <a@b>\nFrom: a@b\n\nx", "message/rfc822");
	TYPE("a", "\xEF\xBB\xBFX-Odd: 1\nReceived: by x\n\tmore\nTo: a\n\nx",
	    "message/rfc822");
	TYPE("a.txt", "From: a@b\nTo: c@d\nSubject: x\n\nx",
	    "message/rfc822");
	TYPE("a.eml", "Subject: x\n\nx", "message/rfc822");
	TYPE("a.eml", "Subject: x\nno field\n\nx", "message/rfc822");
	TYPE("a", "From a@b Mon Jun  1 10:00:00 2009\nX: y\n\nx",
	    "application/mbox");
	TYPE("a.eml", "From a@b Mon Jun  1 10:00:00 2009\nX: y\n\nx",
	    "message/rfc822");
	TYPE("a.mht", "Content-Type: multipart/related; boundary=x\n\n",
	    "multipart/related");
	TYPE("a", "MIME-Version: 1.0\nContent-Type: multipart/related; "
	    "boundary=x\n\n--x\n\n<p>", "multipart/related");
	/* Others that begin alike. */
	TYPE("a.txt", "Date: today\nTitle: x\n\nText.\n", "text/plain");
	TYPE("a.txt", "From here on, it is text.\nTo: nobody\n", "text/plain");
	TYPE("a.txt", "HTTP/1.1 200 OK\nDate: x\nFrom: y\nTo: z\n\n",
	    "text/plain");
	TYPE("a", "Package: x\nVersion: 1\nDescription: y\n\n", "text/plain");
	TYPE("a.md", "From: a\nTo: b\nSubject: c\n\n# Title\n",
	    "text/markdown");
	TYPE("a.md", "---\nFrom: a\nMessage-ID: b\n---\n\n# Title\n",
	    "text/markdown");
	TYPE("a.patch", "From 0123456789012345678901234567890123456789 Mon "
	    "Sep 17 00:00:00 2001\nFrom: A <a@b>\nSubject: [PATCH] x\n\n---\n",
	    "text/x-code");
	TYPE("a.eml", "Just a text.\n", "text/plain");
	/* What a Macintosh keeps: a length before, its own data behind. */
	CHECK("a.emlx", "x", "46        \nFrom: a@b.c\nMIME-Version: 1.0\n"
	    "Subject: x\n\nabc\n<?xml version=\"1.0\"?><plist/>",
	    "h1|x\n" HEAD_OUT "p|abc\n");
}

/* ---- headers ------------------------------------------------------------- */

/* A subject as it is written and as it reads. */
static void
check_subject(const char *written, const char *wanted)
{
	struct buf mail, out;

	buf_init(&mail, MIB);
	buf_init(&out, MIB);
	(void)buf_printf(&mail, HEAD "Subject: %s\n\n", written);
	(void)buf_printf(&out, "h1|%s\n" HEAD_OUT, wanted);
	check_bytes("a.eml", mail.data, mail.len, wanted, buf_text(&out));
	buf_fini(&mail);
	buf_fini(&out);
}

static void
test_words(void **state)
{
	(void)state;
	check_subject("plain  and\n\tfolded ", "plain and folded");
	check_subject("=?utf-8?q?a=C3=A4_b?=", "aä b");
	check_subject("x =?utf-8?q?a?= y", "x a y");
	/* White space between two goes, a character is cut in two. */
	check_subject("=?utf-8?q?a=C3?=\n =?utf-8?q?=A4b?= =?utf-8?b?Yw==?=",
	    "aäbc");
	/* A group of base64 is cut in two. */
	check_subject("=?utf-8?B?w6T?= =?utf-8?B?DpA==?=", "ää");
	check_subject("=?ISO-8859-1*de?Q?=E4?= =?koi8-r?B?8NLJ18XU?=",
	    "äПривет");
	/* Blanks inside, no blanks around, an unknown charset. */
	check_subject("=?utf-8?Q?a b?=c =?x-unknown?Q?=C3=A4?=", "a bc ä");
	/* What is none. */
	check_subject("=?utf-8?Q?abc =?utf-8? a=b =?", "=?utf-8?Q?abc "
	    "=?utf-8? a=b =?");
	check_subject("=?utf-8?X?abc?=", "=?utf-8?X?abc?=");
	/* Bare bytes: UTF-8, and KOI8-R that the body declares. */
	check_subject("na\xC3\xAFve", "na\xC3\xAFve");
	check_subject("\xF0\xD2\xC9\xD7\xC5\xD4\nContent-Type: text/plain; "
	    "charset=koi8-r", "Привет");
	/* Bare ISO-2022-JP. */
	check_subject("\x1B$BF|K\\8l\x1B(B", "日本語");
	/* No control characters. */
	check_subject("=?utf-8?Q?a=00=01=0Ab?=", "a b");
}

static void
check_date(const char *written, const char *wanted)
{
	char mail[256], out[512];

	(void)snprintf(mail, sizeof(mail), HEAD "Date: %s\n\n", written);
	(void)snprintf(out, sizeof(out), HEAD_OUT "%s", wanted);
	check_bytes("a.eml", mail, strlen(mail), "", out);
}

static void
test_dates(void **state)
{
	static const struct {
		const char *written, *shown, *utc;
	} dates[] = {
	    {"Thu, 4 May 2023 10:06:11 -0400", "2023-05-04T10:06:11-04:00",
		"2023-05-04T14:06:11Z"},
	    {"04 may 99 23:59 PDT", "1999-05-04T23:59:00-07:00",
		"1999-05-05T06:59:00Z"},
	    {"Mon Jun  1 10:00:00 2009", "2009-06-01T10:00:00Z",
		"2009-06-01T10:00:00Z"},
	    {"Mon, 1 Jun 2009 10:00:00 +0530 (IST)",
		"2009-06-01T10:00:00+05:30", "2009-06-01T04:30:00Z"},
	    {"2013-06-27T13:29:57+02:00", "2013-06-27T13:29:57+02:00",
		"2013-06-27T11:29:57Z"},
	    {"2013/06/27 13:29", "2013-06-27T13:29:00Z",
		"2013-06-27T13:29:00Z"},
	    {"1-Jun-2009 1:02:03 PM GMT", "2009-06-01T13:02:03Z",
		"2009-06-01T13:02:03Z"},
	    {"Tuesday, June 2, 2009 10:00 AM", "2009-06-02T10:00:00Z",
		"2009-06-02T10:00:00Z"},
	};
	char wanted[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
		(void)snprintf(wanted, sizeof(wanted),
		    "p|Date: %s\nk|sent_at|%s\n", dates[i].shown,
		    dates[i].utc);
		check_date(dates[i].written, wanted);
	}
	check_date("some day", "p|Date: some day\n");
	check_date("31 Feb 2020 10:00:00 +0000",
	    "p|Date: 31 Feb 2020 10:00:00 +0000\n");
	check_date("", "");
}

static void
test_addresses(void **state)
{
	(void)state;
	CHECK("a.eml", "",
	    "MIME-Version: 1.0\n"
	    "From: \"=?utf-8?Q?M=C3=BCller=2C?= K.\" <k@x.org>, b@x.org (Bo)\n"
	    "To: undisclosed-recipients:;\nTo: c@x.org; <d@x.org>\n"
	    "Cc: \"a \\\"q\\\" b\" <e@x.org\n\nx",
	    "p|From: Müller, K. <k@x.org>, b@x.org (Bo)\n"
	    "k|from|Müller, K. <k@x.org>, b@x.org (Bo)\n"
	    "p|To: undisclosed-recipients:, c@x.org, d@x.org\n"
	    "k|to|undisclosed-recipients:, c@x.org, d@x.org\n"
	    "p|Cc: a \"q\" b\nk|cc|a \"q\" b\n"
	    "k|author|Müller, K.; Bo\np|x\n");
	CHECK("a.eml", "", "Sender: s@x.org\nMIME-Version: 1.0\n\nx",
	    "p|From: s@x.org\nk|from|s@x.org\nk|author|s@x.org\np|x\n");
}

/* ---- bodies -------------------------------------------------------------- */

static void
test_plain(void **state)
{
	(void)state;
	CHECK("a.eml", "", HEAD "\nHi,  \nyou.\n \n> quoted\n> twice\n\n-- \n"
	    "Ann\n", HEAD_OUT "p|Hi,\nyou.\np|> quoted\n> twice\np|--\nAnn\n");
	CHECK("a.eml", "", HEAD "Content-Type: text/plain; format=flowed\n\n"
	    "A line that \ngoes on.\nAnother.\n>> deep \n>> deeper\n> less\n"
	    " >stuffed\n\nEnd \n",
	    HEAD_OUT "p|A line that goes on.\nAnother.\n>> deep deeper\n"
	    "> less\n>stuffed\np|End\n");
	CHECK("a.eml", "", HEAD "Content-Type: text/plain; format=Flowed; "
	    "DelSp=Yes\n\nwo \nrd.\n-- \nsig\n",
	    HEAD_OUT "p|word.\n-- \nsig\n");
	CHECK("a.eml", "", HEAD "Content-Type: text/enriched\n\n"
	    "<bold>Now</bold> <color><param>red</param>is</color> 1 << 2\n",
	    HEAD_OUT "p|Now is 1 < 2\n");
	CHECK("a.eml", "", HEAD "Content-Transfer-Encoding: quoted-printable\n"
	    "\na =\nb=3D=C3=A4 c = d =ZZ=\n", HEAD_OUT
	    "p|a b=\xC3\xA4 c = d =ZZ\n");
	/* Base64 with rubbish between, and padding in the middle. */
	CHECK("a.eml", "", HEAD "Content-Transfer-Encoding: BASE64\n\n"
	    "Q*W\x01I=Q2Q=\n!\n", HEAD_OUT "p|AbCd\n");
	/* The charset is a lie. */
	CHECK("a.eml", "", HEAD "Content-Type: text/plain; charset=us-ascii\n"
	    "\nna\xC3\xAFve\n", HEAD_OUT "p|na\xC3\xAFve\n");
	/* A file in the old way, and text behind it. */
	CHECK("a.eml", "", HEAD "\nSee:\n\nbegin 644 a b.txt\n#0V%T\n`\nend\n"
	    "Bye.\n\nbegin 644 no file\nreally.\n",
	    HEAD_OUT "p|See:\nl1|Attachment: a b.txt\nm|a b.txt|Cat|3|NONE\n"
	    "p|Bye.\np|begin 644 no file\nreally.\n");
	CHECK("a.eml", "", HEAD "Content-Type: application/x; name=c\n"
	    "Content-Transfer-Encoding: x-uuencode\n\nbegin 644 c\n#0V%T\n"
	    "end\n", HEAD_OUT "l1|Attachment: c\nm|c|Cat|3|NONE\n");
}

#define ALTERNATIVE(plain, html)                                              \
	HEAD "Content-Type: multipart/alternative; boundary=x\n\n--x\n\n"     \
	plain "\n--x\nContent-Type: text/html\n\n" html "\n--x--\n"
#define TEN "ten words of it "
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static void
test_alternatives(void **state)
{
	(void)state;
	CHECK("a.eml", "", ALTERNATIVE("plain", "<h1>Page</h1>"),
	    HEAD_OUT "h1|Page\n");
	/* A page that says nothing, or much less. */
	CHECK("a.eml", "", ALTERNATIVE("plain", "<img src=x>"),
	    HEAD_OUT "p|plain\n");
	CHECK("a.eml", "", ALTERNATIVE(HUNDRED, "<p>See above."),
	    HEAD_OUT "p|" TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
	    TEN "ten words of it\n");
	/* An invitation is a form of the same, but a document as well. */
	CHECK("a.eml", "", HEAD
	    "Content-Type: multipart/alternative; boundary=x\n\n"
	    "--x\n\nCome.\n--x\nContent-Type: text/calendar; name=i.ics\n\n"
	    "BEGIN:\n--x--\n", HEAD_OUT "p|Come.\nl1|Attachment: i.ics\n"
	    "m|i.ics|BEGIN:|6|NONE\n");
	/* No control characters in names either. */
	CHECK("a.eml", "", HEAD "Content-Type: application/x; name*=utf-8''"
	    "a%2Fb%00%0Ac\n\nx", HEAD_OUT
	    "l1|Attachment: b c\nm|b c|x|1|NONE\n");
	/* A picture in a mail of its own is no picture of a page. */
	CHECK("a.eml", "", HEAD "Content-Type: multipart/mixed; boundary=x\n\n"
	    "--x\nContent-Type: image/png; name=p.png\nContent-ID: <1>\n\n"
	    "\x89PNG\n--x--\n", HEAD_OUT "l1|Attachment: p.png\n"
	    "m|p.png|.PNG|4|NONE\n");
	/* A delivery report. */
	CHECK("a.eml", "", HEAD
	    "Content-Type: multipart/report; boundary=x\n\n--x\n\nFailed.\n"
	    "--x\nContent-Type: message/delivery-status\n\nStatus: 5.0.0\n"
	    "--x\nContent-Type: message/rfc822\n\nSubject: Lost\n\nx\n--x--",
	    HEAD_OUT "p|Failed.\np|Status: 5.0.0\nl1|Attachment: Lost.eml\n"
	    "m|Lost.eml|Subject: Lost..x|16|NONE\n");
	CHECK("a.eml", "", HEAD "Content-Type: message/rfc822; name=Forwarded"
	    "\n\nSubject: x\n\n", HEAD_OUT "l1|Attachment: Forwarded.eml\n"
	    "m|Forwarded.eml|Subject: x..|12|NONE\n");
	CHECK("a.eml", "", HEAD
	    "Content-Type: multipart/digest; boundary=x\n\n--x\n\n"
	    "Subject: One\n\n1\n--x\n\nSubject: Two\n\n2\n--x--\n",
	    HEAD_OUT "l1|Attachment: One.eml\nl1|Attachment: Two.eml\n"
	    "m|One.eml|Subject: One..1|15|NONE\n"
	    "m|Two.eml|Subject: Two..2|15|NONE\n");
}

static void
test_broken(void **state)
{
	(void)state;
	/* The last boundary is missing; the one of the inner, too. */
	CHECK("a.eml", "", HEAD "Content-Type: multipart/mixed; boundary=\"o\""
	    "\n\n--o\nContent-Type: multipart/mixed; boundary=i\n\n--i\n\none"
	    "\n--o\n\ntwo\n", HEAD_OUT "p|one\np|two\n");
	/* No boundary is told; blanks behind one; no empty line. */
	CHECK("a.eml", "", HEAD "Content-Type: multipart/mixed\n\n"
	    "--guess  \n\none\n--guess\nContent-Type: text/plain\n--guess\n\n"
	    "two\n--guess--\n", HEAD_OUT "p|one\np|two\n");
	/* One boundary begins with the other. */
	CHECK("a.eml", "", HEAD "Content-Type: multipart/mixed; boundary=b\n\n"
	    "--b\nContent-Type: multipart/mixed; boundary=bb\n\n--bb\n\none\n"
	    "--bb--\n--b\n\ntwo\n--bc\n--b--\n",
	    HEAD_OUT "p|one\np|two\n--bc\n");
	/* Blanks and bytes in it are its own. */
	CHECK("a.eml", "", HEAD "Content-Type: multipart/mixed; "
	    "boundary=\"a  \xE4 \"\n\n--a  \xE4\n\none\n--a \xE4\n\n",
	    HEAD_OUT "p|one\n--a \xC3\xA4\n");
	/* An empty one. */
	CHECK("a.eml", "", HEAD "Content-Type: multipart/mixed; boundary=\"\""
	    "\n\n--\n\none\n", HEAD_OUT);
	/* A mail without a body, and one of nothing but a multipart. */
	CHECK("a.eml", "", HEAD, HEAD_OUT);
	CHECK("a.eml", "", HEAD "Content-Type: multipart/mixed; boundary=b\n",
	    HEAD_OUT);
	/* A text without an empty line before it. */
	CHECK("a.eml", "", HEAD "Hello there\nyou\n", HEAD_OUT
	    "p|Hello there\nyou\n");
	/* NULs. */
	CHECK("a.eml", "a b", HEAD "Subject: a\0b\n\none\0two, three\n",
	    "h1|a b\n" HEAD_OUT "p|onetwo, three\n");
}

static void
test_encrypted(void **state)
{
	static const char smime[] = HEAD
	    "Content-Type: application/pkcs7-mime; "
	    "smime-type=enveloped-data; name=smime.p7m\n"
	    "Content-Transfer-Encoding: base64\n\nMIAG\n";
	static const char signed_data[] = HEAD
	    "Content-Type: application/x-pkcs7-mime; name=smime.p7m\n"
	    "Content-Transfer-Encoding: base64\n\nMIAGCSqGSIb3DQEHAqCA\n";
	static const char sealed_data[] = HEAD
	    "Content-Type: application/x-pkcs7-mime; name=smime.p7m\n"
	    "Content-Transfer-Encoding: base64\n\nMIAGCSqGSIb3DQEHA6CA\n";
	static const char pgp[] = HEAD
	    "Content-Type: multipart/encrypted; boundary=x\n\n--x\n"
	    "Content-Type: application/pgp-encrypted\n\nVersion: 1\n--x\n"
	    "Content-Type: application/octet-stream\n\n-----BEGIN\n--x--\n";
	static const char armour[] = HEAD "\n\n-----BEGIN PGP MESSAGE-----\n";

	(void)state;
#define ENCRYPTED(mail)                                                       \
	check_code("a.eml", mail, sizeof(mail) - 1,                           \
	    ITEM_CODE_ENCRYPTED_DOCUMENT, "the mail is encrypted")
	ENCRYPTED(smime);
	ENCRYPTED(sealed_data);
	ENCRYPTED(pgp);
	ENCRYPTED(armour);
	CHECK("a.eml", "", signed_data, HEAD_OUT "l1|Attachment: smime.p7m\n"
	    "m|smime.p7m|0...*.H........|15|NONE\n");
	/* Of a signed mail the signature is no document. */
	CHECK("a.eml", "", HEAD "Content-Type: multipart/signed; boundary=x\n"
	    "\n--x\n\nSigned.\n--x\nContent-Type: application/pgp-signature; "
	    "name=s.asc\n\n-----BEGIN\n--x--\n", HEAD_OUT "p|Signed.\n");
}

/* ---- hostile ------------------------------------------------------------- */

static void
repeat(struct buf *buf, const char *text, size_t count)
{
	for (; count > 0; count--)
		assert_int_equal(buf_puts(buf, text), 0);
}

static void
check_limit(struct buf *mail, const char *words)
{
	check_code("a.eml", mail->data, mail->len,
	    ITEM_CODE_EXTRACTION_LIMIT, words);
	buf_clear(mail);
}

static void
check_read(struct buf *mail)
{
	struct got got;

	read_bytes("a.eml", mail->data, mail->len, &got);
	if (got.result.code != ITEM_CODE_NONE)
		print_error("%s\n", got.result.message);
	assert_int_equal(got.result.code, ITEM_CODE_NONE);
	buf_fini(&got.text);
	buf_clear(mail);
}

static void
test_hostile(void **state)
{
	struct buf mail;
	unsigned i;

	(void)state;
	buf_init(&mail, 128 * MIB);
	/* More parts than a mail may have. */
	(void)buf_puts(&mail, HEAD
	    "Content-Type: multipart/mixed; boundary=x\n\n");
	repeat(&mail, "--x\n\na\n", 100000);
	check_limit(&mail, "parts");
	/* A thousand levels. */
	(void)buf_puts(&mail, HEAD);
	for (i = 0; i < 1000; i++)
		(void)buf_printf(&mail, "Content-Type: multipart/mixed; "
		    "boundary=b%u\n\n--b%u\n", i, i);
	check_limit(&mail, "nested");
	/* A million lines of header, and one line of 20 MB. */
	(void)buf_puts(&mail, HEAD);
	repeat(&mail, "X-Junk: 0123456789\n", 1000000);
	check_limit(&mail, "header");
	(void)buf_puts(&mail, HEAD "Subject: ");
	repeat(&mail, "0123456789", 200000);
	check_limit(&mail, "header");
	/* Beginnings of encoded words, of quotes, of remarks, of tags. */
	(void)buf_puts(&mail, HEAD "Subject: ");
	repeat(&mail, "=?a?q?", 100000);
	(void)buf_puts(&mail, "\nTo: ");
	repeat(&mail, "(\"<", 100000);
	(void)buf_puts(&mail, "\nCc: ");
	repeat(&mail, "a,", 100000);
	(void)buf_puts(&mail, "\nContent-Type: text/enriched;");
	repeat(&mail, " name*1*=\"'", 50000);
	(void)buf_puts(&mail, "\n\n");
	repeat(&mail, "<param", 100000);
	check_read(&mail);
	/* Lines that are nearly boundaries, 64 levels deep. */
	(void)buf_puts(&mail, HEAD);
	for (i = 0; i < 60; i++)
		(void)buf_printf(&mail, "Content-Type: multipart/mixed; "
		    "boundary=%02u0123456789\n\n--%02u0123456789\n", i, i);
	repeat(&mail, "--5901234567890\n", 500000);
	check_read(&mail);
	/* Files in the old way that do not end. */
	(void)buf_puts(&mail, HEAD "\n");
	repeat(&mail, "begin 644 x\n#0V%T\n", 50000);
	check_read(&mail);
	buf_fini(&mail);
}

/* A mailbox of many messages, and one whose messages have no end. */
static void
test_hostile_mailbox(void **state)
{
	struct buf mail;
	struct got got;

	(void)state;
	buf_init(&mail, 64 * MIB);
	repeat(&mail, "From a Mon Jun 01 10:00:00 2009\nSubject: x\n\ny\n\n",
	    20000);
	read_bytes("a.mbox", mail.data, mail.len, &got);
	assert_int_equal(got.result.code, ITEM_CODE_NONE);
	assert_int_equal(got.blocks, 20000);
	assert_non_null(strstr(buf_text(&got.text),
	    "m|20000-x.eml|Subject: x..y.|14|NONE\n"));
	buf_fini(&got.text);
	buf_clear(&mail);
	repeat(&mail, "From a Mon Jun 01 10:00:00 2009\nSubject: x\n",
	    200000);
	read_bytes("a.mbox", mail.data, mail.len, &got);
	assert_int_equal(got.result.code, ITEM_CODE_NONE);
	assert_int_equal(got.blocks, 1);
	buf_fini(&got.text);
	buf_fini(&mail);
}

/* A text that is too large for memory becomes a document of its own. */
static void
test_large(void **state)
{
	struct buf mail;
	struct got got;

	(void)state;
	buf_init(&mail, 64 * MIB);
	(void)buf_puts(&mail, HEAD "Content-Type: text/html\n\n");
	repeat(&mail, "<p>a line of the text\n", 2000000);
	read_bytes("a.eml", mail.data, mail.len, &got);
	assert_int_equal(got.result.code, ITEM_CODE_NONE);
	assert_string_equal(buf_text(&got.text), HEAD_OUT
	    "l1|Attachment: attachment-1.html\nm|attachment-1.html|<p>a line "
	    "of the text.<p>a line of the text.<p>a line of the|44000000|"
	    "NONE\n");
	buf_fini(&got.text);
	buf_fini(&mail);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_charsets),
	    cmocka_unit_test(test_iconv),
	    cmocka_unit_test(test_structure),
	    cmocka_unit_test(test_mailbox),
	    cmocka_unit_test(test_page),
	    cmocka_unit_test(test_tell),
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_dates),
	    cmocka_unit_test(test_addresses),
	    cmocka_unit_test(test_plain),
	    cmocka_unit_test(test_alternatives),
	    cmocka_unit_test(test_broken),
	    cmocka_unit_test(test_encrypted),
	    cmocka_unit_test(test_hostile),
	    cmocka_unit_test(test_hostile_mailbox),
	    cmocka_unit_test(test_large),
	};

	return cmocka_run_group_tests(tests, shared_setup, shared_teardown);
}
