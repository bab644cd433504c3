/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xapian_bench: what index_bench does, by Xapian.
 *
 *	xapian_bench DIR DOCUMENTS QUERIES
 *
 * Input and output are those of index_bench.  A program of its own under
 * Xapian's licence, for measuring only: nothing else is linked with Xapian.
 *
 * The database is one of terms without positions, each stemmed by the same
 * algorithm, and compacted; BM25 has the same k1 and b.  A query's time is
 * that of stemming its words, of get_mset() and of reading the ids.
 */
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <xapian.h>

static const Xapian::doccount BEST = 10;
static const double K1 = 1.2, B = 0.75;

static double
now_us()
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return double(ts.tv_sec) * 1e6 + double(ts.tv_nsec) * 1e-3;
}

static unsigned
database_fill(const std::string &dir, const char *path)
{
	Xapian::WritableDatabase database(dir + "/large",
	    Xapian::DB_CREATE_OR_OVERWRITE);
	Xapian::TermGenerator terms;
	std::ifstream file(path);
	std::string line;
	unsigned count = 0;

	terms.set_stemmer(Xapian::Stem("en"));
	terms.set_stemming_strategy(Xapian::TermGenerator::STEM_ALL);
	while (std::getline(file, line)) {
		Xapian::Document document;

		terms.set_document(document);
		terms.index_text_without_positions(line);
		database.add_document(document);
		count++;
	}
	database.commit();
	database.compact(dir + "/compact");
	return count;
}

static std::vector<std::vector<std::string>>
queries_read(const char *path)
{
	std::vector<std::vector<std::string>> queries;
	std::ifstream file(path);
	std::string line, word;

	while (std::getline(file, line)) {
		std::istringstream words(line);
		std::vector<std::string> query;

		while (words >> word)
			query.push_back(word);
		queries.push_back(query);
	}
	return queries;
}

/* The documents found, and the microseconds it took. */
static double
ask(const Xapian::Database &database, const Xapian::Stem &stem,
    const std::vector<std::string> &query, std::vector<Xapian::docid> &hits)
{
	double begun = now_us();
	std::set<std::string> stems;

	hits.clear();
	for (const std::string &word : query)
		stems.insert(stem(word));
	Xapian::Enquire enquire(database);
	enquire.set_weighting_scheme(Xapian::BM25Weight(K1, 0, 1, B, 0.5));
	enquire.set_query(Xapian::Query(Xapian::Query::OP_OR, stems.begin(),
	    stems.end()));
	Xapian::MSet found = enquire.get_mset(0, BEST);
	for (Xapian::MSetIterator i = found.begin(); i != found.end(); ++i)
		hits.push_back(*i);
	return now_us() - begun;
}

static void
answer(const Xapian::Database &database,
    const std::vector<std::vector<std::string>> &queries, bool is_round)
{
	Xapian::Stem stem("en");
	std::vector<Xapian::docid> hits;
	const char *space = "";

	for (const std::vector<std::string> &query : queries) {
		double us = ask(database, stem, query, hits);

		std::printf("%s", space);
		space = " ";
		if (is_round)
			std::printf("%.2f", us);
		else if (hits.empty())
			std::printf("-");
		else
			for (size_t i = 0; i < hits.size(); i++)
				std::printf("%s%u", i == 0 ? "" : ",",
				    hits[i] - 1);
	}
	std::printf("\n");
	std::fflush(stdout);
}

int
main(int argc, char **argv)
{
	std::string word;

	if (argc != 4) {
		std::fprintf(stderr,
		    "usage: xapian_bench DIR DOCUMENTS QUERIES\n");
		return 2;
	}
	try {
		std::string dir(argv[1]);
		unsigned count = database_fill(dir, argv[2]);
		Xapian::Database database(dir + "/compact");
		std::vector<std::vector<std::string>> queries =
		    queries_read(argv[3]);

		std::printf("ready %u %.2f\n", count, now_us() * 1e-6);
		std::fflush(stdout);
		while (std::getline(std::cin, word))
			answer(database, queries, word == "round");
	} catch (const Xapian::Error &error) {
		std::fprintf(stderr, "xapian_bench: %s\n",
		    error.get_description().c_str());
		return 1;
	}
	return 0;
}
