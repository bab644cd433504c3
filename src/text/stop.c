/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/assert.h"
#include "text/stop.h"
#include "text/words_scan.h"

/* Cut and folded by the word cursor, so written as people write. */
static const char *const stop_words[] = {
	/* English */
	"a about above according across actually after again against all "
	"almost along already also although always among an and another any "
	"anyone anything are aren't around as at away be became because been "
	"before behind being below between beyond both but by can cannot "
	"can't could couldn't did didn't do does doesn't doing don't done "
	"down during each either else etc even ever every everything except "
	"few following for from further get gets given gives go goes got had "
	"has hasn't have haven't having he hence her here hers herself him "
	"himself his how however i if in indeed instead into is isn't it its "
	"itself just keep kept less let like likely made make makes many may "
	"me might more most much must my myself namely neither never next no "
	"nobody none nor not nothing now of off often on once one ones only "
	"onto or other others otherwise our ours out over own per perhaps "
	"quite rather really s same see seem seems several shall she should "
	"shouldn't since so some something sometimes still such t take than "
	"that the their theirs them themselves then there thereby therefore "
	"these they thing things this those though three through thus to "
	"together too toward towards two under unless until up upon us use "
	"used uses using usually very via was wasn't way we well went were "
	"weren't what whatever when whenever where whereas whether which "
	"while who whole whom whose why will with within without won't would "
	"wouldn't yes yet you your yours yourself ll ve re d m",
	/* German */
	"aber alle allem allen aller alles als also andere anderen anderer "
	"anderes auch auf aus bei beim bereits bis bisher da dabei dadurch "
	"dafür damit danach dann daran darauf daraus darf darin darüber das "
	"dass davon dazu dem den denen denn der deren des dessen die dies "
	"diese diesem diesen dieser dieses doch dort du durch ein eine einem "
	"einen einer eines einige einigen er es etwas für gegen haben hatte "
	"hatten hier ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im immer "
	"ist jede jedem jeden jeder jedes jedoch jetzt kann kein keine keinen "
	"keiner können könnte mehr mein meine mit müssen muss nach nicht "
	"nichts noch nun nur oder ohne sehr sein seine seinem seinen seiner "
	"seit sich sie sind so sogar solche soll sollte sondern sonst sowie "
	"über um und uns unser unter viel viele vom von vor wann während "
	"waren warum weil weitere welche welcher wenn werden wie wieder wird "
	"wir wurde wurden zu zum zur zwar zwischen",
	/* French */
	"ainsi alors après au aucun aucune aussi autre autres aux avait avant "
	"avec avoir ce cela celle celles celui ces cet cette ceux chaque chez "
	"comme dans de depuis dès deux donc dont du elle elles encore entre "
	"est et étaient était être eux fait faire ils je jusque la le les "
	"leur leurs lors lui mais même mêmes moins ne nos notre nous on ont "
	"ou où par parce pas pendant peu peut peuvent plusieurs pour pourquoi "
	"puis quand que quel quelle quelles quelque quelques qui quoi sa sans "
	"se sera ses selon si soit sont sous sur ta tandis te tel telle tous "
	"tout toute toutes très tu un une vers vos votre vous y",
	/* Spanish */
	"además al algo algún alguna algunas alguno algunos ante antes aquel "
	"aquella aún aunque cada casi como con contra cual cuales cuando "
	"cuanto del desde donde durante él ella ellas ellos embargo en "
	"entonces era eran esa esas ese eso esos esta estaba están estas este "
	"esto estos fue fueron ha había hace hacia han hasta hay la las lo "
	"los más me mientras mis mismo mucho muchos muy nada ni nos nosotros "
	"nunca o otra otras otro otros para pero poco por porque pues puede "
	"pueden que quien quienes se según ser siempre sido sin sino sobre "
	"solo son su sus también tan tanto te tener tiene tienen todas todo "
	"todos tras tu un una unas uno unos usted ya",
	/* Italian */
	"ad agli ai al alla alle allo altra altre altri altro anche ancora "
	"avere aveva ben che chi ci ciò coi col come con così cui da dagli "
	"dai dal dalla dalle degli dei del della delle dello dentro di dopo "
	"dove due e ed essere fra già gli ha hanno il infatti io la le lei lo "
	"loro lui ma mentre mi mia mio molti molto ne negli nei nel nella "
	"nelle nello non noi nostra nostro o ogni oltre per perché però più "
	"poi prima proprio può qua qualche quale quali quando quanto quella "
	"quelle quelli quello questa queste questi questo qui quindi se senza "
	"si sia sono sopra sotto sta stata stato su sua sugli sui sul sulla "
	"sulle suo suoi tra tutta tutte tutti tutto un una uno vi voi",
	/* Portuguese */
	"à ao aos apenas após aquela aquele às até cada com como da das de "
	"depois do dos e é ela elas ele eles em então entre era essa esse "
	"esta está estão estas este estes eu foi foram há isso isto já lhe "
	"lhes mais mas mesma mesmo meu minha muito muitos na nas não nem "
	"nenhum no nos nós num numa o os ou outra outras outro outros para "
	"pela pelas pelo pelos pode podem pois por porque qual quando quem "
	"são se seja sem sempre ser será seu seus só sobre sua suas também "
	"tem têm tinha toda todas todo todos um uma umas uns você",
	/* Dutch */
	"aan alleen alles als altijd bij daar daarom dan dat de deze dit doch "
	"door dus een en er geen had heb hebben heeft het hier hij hoe hun ik "
	"is ja je kan kon kunnen maar me meer met mij mijn moet na naar niet "
	"niets nog nu om omdat onder ons onze ook op over reeds te tegen tot "
	"tussen uit u van veel voor waar waarom wanneer was wat werd wezen "
	"wij wil worden wordt zal ze zelf zich zij zijn zo zonder zou",
};

void
stop_set_init(struct stop_set *set)
{
	struct words_scan scan;
	uint32_t slot, print, count = 0;
	uint64_t hash;
	size_t i;

	memset(set, 0, sizeof(*set));
	for (i = 0; i < sizeof(stop_words) / sizeof(*stop_words); i++) {
		words_scan_init(&scan, stop_words[i], strlen(stop_words[i]));
		while (words_scan_next(&scan)) {
			hash = words_scan_hash(&scan);
			if (stop_set_has(set, hash))
				continue;
			print = (uint32_t)(hash >> 32) | 1;
			slot = (uint32_t)hash % STOP_SLOTS;
			while (set->slots[slot] != 0)
				slot = (slot + 1) % STOP_SLOTS;
			set->slots[slot] = print;
			count++;
			ASSERT(count < STOP_SLOTS / 2);
		}
	}
}
