/* SPDX-License-Identifier: Apache-2.0 */
/*
 * language_tbl: the languages that are told apart, by their function words.
 *
 * The value is stored with what was stemmed: append, never renumber.  algorithm
 * is libstemmer's name.  Words are cut and folded by the word cursor, so they
 * are written as people write; one that several languages have counts less for
 * each of them, so none is left out for that.
 */
/* clang-format off */
/*       name       value code algorithm     words */
LANGUAGE(ENGLISH,    1, "en", "english",
	"the of and to in a is that for it as was with be by on not he i this "
	"are or his from at which but have an had they you were their one all "
	"we can her has there been if more when will would who so no she do "
	"how what your than its our into some could them about other only "
	"then these may such my any me should must does did why where because "
	"between after before through those very while during both each "
	"however over under also most many against within without being here "
	"him us out up use used using per upon")
LANGUAGE(GERMAN,     2, "de", "german",
	"der die und in den von zu das mit sich des auf für ist im dem nicht "
	"ein eine als auch es an werden aus er hat dass sie nach wird bei "
	"einer um am sind noch wie einem über einen so zum war haben nur oder "
	"aber vor zur bis mehr durch man sein wurde kann wenn ihre seine ich "
	"wir diese dieser dieses diesem unter sowie einer eines keine kein "
	"müssen muss sollte können ihr ihrer ihren seiner seinen vom beim was "
	"wer wo warum weil damit dann hier dort schon sehr zwischen gegen "
	"ohne während waren wurden worden ihm ihn uns mich mir dir du doch "
	"alle allen aller jede jeder jedes")
LANGUAGE(FRENCH,     3, "fr", "french",
	"de la le et les des en un du une que est pour qui dans a par plus pas "
	"au sur ne se ce il sont avec ou son lui nous comme mais on sa ses ont "
	"cette aux leur aussi deux été était elle être fait même ces entre "
	"après sans sous peut tout tous toute toutes vous ils elles donc si "
	"leurs dont où très bien avait étaient cet celui celle ceux quand "
	"quel quelle comment pourquoi je tu mon ma mes votre notre nos vos "
	"moins avant depuis pendant contre vers chez encore ainsi lors afin "
	"car ni y d l qu n s c j m")
LANGUAGE(SPANISH,    4, "es", "spanish",
	"de la que el en y a los se del las un por con no una su para es al lo "
	"como más o pero sus le ha me si sin sobre este ya entre cuando todo "
	"esta ser son dos también fue había era muy hasta desde está mi "
	"porque qué sólo han yo hay vez puede todos así nos ni tiene él "
	"uno donde bien mismo ese ahora cada e otro después te "
	"otros aunque esa eso hace otra tan durante siempre contra "
	"ellos ella esto unos unas les estos estas cómo dónde cuál quién "
	"pueden debe según mediante tras antes sea fueron nuestro")
LANGUAGE(ITALIAN,    5, "it", "italian",
	"di e il la che in a per un del è una della con non si i da al le dei "
	"nel come alla più lo sono delle ha gli anche dalla dal ma nella su "
	"degli o alle se ai questo questa essere stato tra suo sua loro cui "
	"ed dopo hanno prima era fra sulla ad solo due molto tutti tutto "
	"questi queste quando quello quella così mi ci sul nei negli nelle "
	"dai dalle agli sui perché poi può ancora stata suoi dove ogni "
	"senza chi cosa io noi voi lui lei mio tuo nostro vostro quindi però "
	"già mentre oppure viene essi l d c")
LANGUAGE(PORTUGUESE, 6, "pt", "portuguese",
	"de a o que e do da em um para com não uma os no se na por mais as dos "
	"como mas ao ele das à seu sua ou quando muito nos já eu também só "
	"pelo pela até isso ela entre depois sem mesmo aos seus quem nas me "
	"esse eles você essa num nem suas meu às minha numa pelos elas qual "
	"nós lhe deles essas esses pelas este dele tu te vocês vos lhes meus "
	"é são está foi ser tem há ainda onde pode podem sobre foram era "
	"porque cada esta estes estas isto aquele aquela então assim outro "
	"outra outros outras durante segundo após deve ter sendo sempre")
LANGUAGE(DUTCH,      7, "nl", "dutch",
	"de en van het een in is dat op te zijn met voor niet aan er die om "
	"hij door ook als bij of maar naar uit dan dit nog over wordt was "
	"zich tot worden deze heeft kan hebben werd ze had we wel geen meer "
	"zij moet haar hun kunnen tegen onder veel ik je mijn al waar na zo "
	"wat wie hoe waarom omdat wanneer zou zal moeten alle andere tussen "
	"zonder tijdens want toch hier daar jij u uw ons onze mij hem toen "
	"werden waren zoals dus eens ten ter elk elke steeds sinds volgens")
LANGUAGE(SWEDISH,    8, "sv", "swedish",
	"och i att det som en på är av för med den till inte om ett han men "
	"var de sig från vi så kan jag hade hon eller när vid där ut över än "
	"bara detta efter alla skulle andra nu också ska mot under mycket upp "
	"denna dessa blev finns har få mellan varit vara blir sin sina sitt "
	"utan här man deras hans hennes någon något några ingen inget vad "
	"vem hur varför eftersom samt dem dig mig oss du er ni inom måste "
	"bli skall genom många mer mest redan sedan innan")
LANGUAGE(DANISH,     9, "da", "danish",
	"og i at det er en til af på som den de med for ikke der et han var "
	"men har om vi kan fra sig så jeg hun ved eller når da skal over være "
	"havde efter ud bliver op nu også denne dette disse blev hvor mod "
	"under meget end mellem uden sin sine sit man deres hans hendes noget "
	"nogle nogen ingen intet hvad hvem hvordan hvorfor fordi samt dem dig "
	"mig os du jer hvis ville skulle kunne må været blive gennem mange "
	"mere mest allerede siden inden hvilket selv alle efter ind")
LANGUAGE(NORWEGIAN, 10, "no", "norwegian",
	"og i det er på som en til av for med at den de ikke har et han var om "
	"men vi fra seg så kan jeg hun ved eller når da skal over være hadde "
	"etter ut blir opp nå også denne dette disse ble hvor mot under mye "
	"enn mellom uten sin sine sitt man deres hans hennes noe noen ingen "
	"hva hvem hvordan hvorfor fordi samt dem deg meg oss du dere hvis "
	"ville skulle kunne må vært bli gjennom mange mer mest allerede siden "
	"innen selv alle inn bare ikkje eg ein dei")
LANGUAGE(FINNISH,   11, "fi", "finnish",
	"ja on ei se että hän oli joka mutta ovat kun myös jos tai kuin niin "
	"ole sen hänen mitä jotka en ne sitä vain olla tämä minä nyt voi mukaan "
	"ollut sekä jo kanssa tämän olisi vielä oli hyvin he mikä kaikki ettei "
	"jonka me ennen siitä koska sillä noin jälkeen eli joita tässä siinä "
	"niiden kuitenkin kuten sitten minun sinä te heidän olen olet olemme "
	"eivät ovat joiden jossa jota näin siis kaikkien muun muassa yli alle "
	"välillä ilman aikana sekä miten miksi missä kuka voidaan pitää")
LANGUAGE(RUSSIAN,   12, "ru", "russian",
	"и в не на я быть он с что а по это она этот к но они мы весь который "
	"из у то за свой от со для о же так как все его бы только уже или "
	"было был была были если еще когда до их чтобы при где также нет ее "
	"мне ему вы ты меня нас вас них во об без под над через после перед "
	"между этого этой этом эти этих того том те тем чем может можно нужно "
	"очень более тоже есть будет потому почему кто там здесь сейчас "
	"которые которых которая которое ли ни да вот")
LANGUAGE(HUNGARIAN, 13, "hu", "hungarian",
	"a az és hogy nem is egy ez ezt azt de meg csak már mint volt van még "
	"el vagy ha be ki aki ami amely amelyek akik azonban valamint pedig "
	"után között által szerint lehet kell minden sem majd így úgy itt ott "
	"mert mi ő én te mely ezek azok ennek annak ezen azon lesz lett voltak "
	"vannak nincs több nagyon most akkor amikor ahol hol hogyan miért "
	"illetve során alatt fel le neki nekem miatt ellen nélkül felett "
	"számára saját egyik másik olyan ilyen")
LANGUAGE(ROMANIAN,  14, "ro", "romanian",
	"de și în a la care cu din pe nu un o să este că se mai pentru prin au "
	"fi sau ca ale al ai lui fost sunt dar ce acest această acesta după "
	"cel cea cele cei sa său ei el ea ele între fiind când unde cum avea "
	"are era erau poate doar foarte decât astfel acestea aceste acestor "
	"unei unui unor îi îl iar până către despre asupra fără sub peste "
	"dintre într dintr nici tot toate toți fie dacă deci însă noi voi eu "
	"mă te ne vă le îmi își")
LANGUAGE(TURKISH,   15, "tr", "turkish",
	"ve bir bu da de için ile olarak çok daha o olan gibi en ne kadar "
	"sonra ki değil her ancak ama var yok mi mı mu mü veya ya ise kendi "
	"ben sen biz siz onun bunun şu şey hem nasıl neden niçin nerede kim "
	"bazı bütün tüm tarafından göre önce üzerine arasında içinde karşı "
	"olduğu olduğunu olan olması oldu olur olmak etmek eden edilen diye "
	"iki ilk bile hiç çünkü eğer yani fakat böyle şekilde ayrıca "
	"üzere rağmen dolayı beri")
/* clang-format on */
#undef LANGUAGE
