/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mcp_tbl: the tools that `tidemark mcp` offers, in the order of its list.
 *
 * function: mcp_<function>() runs it (mcp.h).  only_reads: it changes nothing.
 * schema: of its arguments, in the part of JSON Schema that mcp_check.c holds
 * them to: type, required, minimum, maximum and the items of arrays.
 */
/* clang-format off */
TOOL("list_bases", list_bases, true, "Bases of this knowledge store",
"Lists the bases (collections of documents) with how many documents and segments queries find in each. "
"Begin here to learn what can be asked.",
"{\"type\":\"object\",\"properties\":{},\"required\":[]}")

TOOL("query", query, true, "Search a base",
"Finds the segments of a base's documents that answer a question best, by words and by meaning. In the query "
"\\\"exact words\\\" must be there, -word must not, name:word asks for a document's name. Each result has its text, "
"its document, the path of headings above it, its pages, and a score between 0 and 1.",
"{\"type\":\"object\",\"properties\":{"
"\"base\":{\"type\":\"string\",\"description\":\"name or id of the base\"},"
"\"query\":{\"type\":\"string\",\"description\":\"the question, or words to look for\"},"
"\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":100,\"description\":\"how many results; 10 when not given\"},"
"\"semantic_ratio\":{\"type\":\"number\",\"minimum\":0,\"maximum\":1,"
"\"description\":\"0 only words, 1 only meaning; 0.5 when not given\"},"
"\"filter\":{\"type\":\"object\",\"description\":\"which documents, by their metadata, as in "
"{\\\"year\\\": {\\\"$gte\\\": 2020}}\"}},"
"\"required\":[\"base\",\"query\"]}")

TOOL("index_text", index_text, false, "Put a text into a base",
"Indexes one text as a document of the base, which is made when it is missing. A document of that name is replaced. "
"Answers with the job once it has ended, or after wait_seconds; when the job's state is completed, queries find the text.",
"{\"type\":\"object\",\"properties\":{"
"\"base\":{\"type\":\"string\",\"description\":\"name of the base\"},"
"\"name\":{\"type\":\"string\",\"description\":\"what the document is called, as notes/monday.md; the ending tells the format\"},"
"\"text\":{\"type\":\"string\",\"description\":\"the document's content\"},"
"\"metadata\":{\"type\":\"object\",\"description\":\"kept with the document; queries can filter by it\"},"
"\"wait_seconds\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":3600,"
"\"description\":\"how long to wait for the job's end; 60 when not given\"}},"
"\"required\":[\"base\",\"name\",\"text\"]}")

TOOL("index_files", index_files, false, "Index files or folders of this machine",
"Indexes files and whole folders: PDF, office documents, mail, web pages, Markdown, tables, archives, source code. The base is "
"made when it is missing. What is unchanged since the last time is skipped. Answers with the job once it has ended, or after "
"wait_seconds, and names each file that failed, with the reason.",
"{\"type\":\"object\",\"properties\":{"
"\"base\":{\"type\":\"string\",\"description\":\"name of the base\"},"
"\"paths\":{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"description\":\"files and folders\"},"
"\"include\":{\"type\":\"array\",\"items\":{\"type\":\"string\"},"
"\"description\":\"only files that match one of these patterns, as in gitignore\"},"
"\"exclude\":{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"description\":\"no files that match one of these\"},"
"\"wait_seconds\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":3600,"
"\"description\":\"how long to wait for the job's end; 60 when not given\"}},"
"\"required\":[\"base\",\"paths\"]}")

TOOL("job_status", job_status, true, "How far a job is",
"Says how far an indexing job has come: its state, counts of files by state, percent, seconds left, what it waits for, and the "
"files that failed with the reason of each. Without a job: the newest one.",
"{\"type\":\"object\",\"properties\":{"
"\"job\":{\"type\":\"string\",\"description\":\"the job's id, or its first characters (4 at least)\"},"
"\"wait_seconds\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":3600,"
"\"description\":\"wait so long for its end; 0 when not given\"}},"
"\"required\":[]}")
/* clang-format on */
#undef TOOL
