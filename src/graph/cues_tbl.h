/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cues_tbl: words that say what stands beside them.
 *
 * No names of people, firms or places: such a list is never whole, and grows
 * old.  ANY is of every language, also of those that are not listed.
 *
 *	STOP	never part of a name; ordinary begins of sentences too
 *	DET	an article that is definite, or a demonstrative
 *	INDEF	"a": with COPULA before it, the text says what something is
 *	COPULA	"is"
 *	AUX	"was", "has": the verb comes later
 *	BY	who did it, when the verb is passive
 *	LOC	what follows is a place, if it is a name
 *	TIME	what follows is a time, if it is a number
 *	JOIN	stands inside of names: "Bank of England"
 *	THE	the same behind JOIN: "Republic of the Congo"
 *	AND	"and"
 *	PARTICLE names may begin with it: "van der Waals"
 *	TITLE	stands before a person's name, and is no part of it
 *	PERSON, ORG, PLACE, EVENT, WORK, PRODUCT
 *		what is called so is one, and so is a name with it inside
 *	ORGEND	the form of a company
 *	MONTH, WEEKDAY, CURRENCY, SCALE ("million")
 *	DOES	what people do: "said"
 *	PRONOUN	the subject of the sentence before
 *	FORE	begins names of places: "New"
 *	KIND	stands before a name, and is no part of it ("Stadt Köln")
 *	THING	what is called so is none of the above: "Nobel Prize"
 *	DOT	has a full stop behind it that ends no sentence
 */
/* clang-format off */
CUES(EN, STOP, "the a an this that these those it its he she they we you i his "
    "her their our my your in on at by for from with of to and or but not as "
    "if when while where who which what how why there here is are was were be "
    "been has have had do does did will would can could may might must shall "
    "should also however although because since after before during until "
    "under over between among about into through according yesterday today "
    "tomorrow then now later soon meanwhile moreover furthermore therefore "
    "thus both each every some many most several few all any no one two three "
    "four five six seven eight nine ten first second third last next other "
    "another such more less than so yet still just only even very too let "
    "please see note figure table chapter section appendix part page despite "
    "instead perhaps whether within without upon against along across toward "
    "him them us me yes dear sincerely eventually finally recently originally "
    "today's born founded based named called known like unlike together "
    "because additionally once")
CUES(DE, STOP, "der die das den dem des ein eine einen einem einer eines und "
    "oder aber nicht als wenn wie wo wer was warum es er sie wir ihr ich du "
    "man sein seine seinen seinem seiner ihre ihren ihrem ihrer unser unsere "
    "in im an am auf aus bei beim mit nach seit von vom zu zum zur für gegen "
    "ohne um durch über unter vor hinter zwischen neben während wegen trotz "
    "ist sind war waren wird werden wurde wurden hat haben hatte hatten kann "
    "können muss müssen soll sollen will wollen darf auch noch schon nur sehr "
    "dann da dort hier heute gestern morgen jetzt später danach dabei dazu "
    "damit deshalb daher jedoch allerdings außerdem zudem dieser diese dieses "
    "diesem diesen jeder jede jedes alle alles viele einige mehrere andere "
    "beide erste zweite dritte ab bis so dass weil ob bereits insgesamt "
    "kein keine laut gemäß zuerst schließlich sowie anfang ende mitte "
    "herr frau kapitel abschnitt tabelle abbildung seite sich ihm ihn ihnen "
    "zwei drei vier fünf sechs sieben acht neun zehn denn nachdem obwohl "
    "bevor zunächst anschließend besonders etwa rund")
CUES(FR, STOP, "le la les l un une des du de d et ou mais ne pas que qui quoi "
    "dont où ce cet cette ces il elle ils elles on nous vous je tu son sa ses "
    "leur leurs notre nos votre vos mon ma mes dans en au aux à par pour sur "
    "sous avec sans chez vers entre depuis pendant avant après contre selon "
    "est sont était étaient fut furent sera a ont avait avaient ayant être "
    "avoir aussi très plus moins ainsi alors donc car si comme quand lorsque "
    "hier aujourd'hui demain puis ensuite enfin cependant toutefois deux trois "
    "quatre cinq plusieurs chaque tout tous toute toutes autre autres premier "
    "première se s qu n c j m t y lors afin grâce né née basée fondée située "
    "chapitre figure tableau voir bien malgré parmi dès")
CUES(ES, STOP, "el la los las lo un una unos unas y e o u pero no que quien "
    "cual donde cuando como este esta estos estas ese esa eso aquel su sus mi "
    "nuestro nuestra él ella ellos ellas yo tú se le les me nos en de del al a "
    "con por para sin sobre bajo entre desde hasta hacia según durante contra "
    "tras ante es son era eran fue fueron será ha han había está están ser "
    "estar haber también muy más menos así entonces pues porque si ayer hoy "
    "mañana luego después antes además sin embargo aunque mientras dos tres "
    "cuatro cinco cada todo todos toda todas otro otra otros primer primera "
    "ya solo sólo ahora capítulo figura tabla nacido nacida fundada situada")

CUES(EN, DET, "the this that these those its his her their our")
CUES(DE, DET, "der die das den dem des dieser diese dieses diesem diesen "
    "seine seiner seinem seinen ihre ihrer ihrem ihren im am zum zur vom beim "
    "ins unser unsere jeder jede jedes ein eine einen einem einer eines kein "
    "keine")
CUES(FR, DET, "le la les l ce cet cette ces du des au aux son sa ses leur "
    "leurs")
CUES(ES, DET, "el la los las este esta estos estas del al su sus ese esa")
CUES(EN, INDEF, "a an")
CUES(DE, INDEF, "ein eine einer eines einem einen")
CUES(FR, INDEF, "un une")
CUES(ES, INDEF, "un una")
CUES(EN, COPULA, "is was are were remains became becomes")
CUES(DE, COPULA, "ist war sind waren bleibt wurde")
CUES(FR, COPULA, "est était sont fut étaient devient")
CUES(ES, COPULA, "es era son fue fueron eran")
CUES(EN, AUX, "is was are were been being has have had be will")
CUES(DE, AUX, "ist war sind waren wurde wurden wird werden hat haben hatte "
    "hatten fand findet")
CUES(FR, AUX, "est était sont fut a ont avait été étaient")
CUES(ES, AUX, "es era son fue ha han había sido fueron")
CUES(EN, BY, "by")
CUES(DE, BY, "von vom durch")
CUES(FR, BY, "par")
CUES(ES, BY, "por")
CUES(EN, LOC, "in near around outside toward towards across")
CUES(DE, LOC, "in aus nach bei nahe")
CUES(FR, LOC, "à en au aux près dans")
CUES(ES, LOC, "en desde hacia")
CUES(EN, TIME, "in since until from before after during by between on of "
    "around circa early late")
CUES(DE, TIME, "seit bis ab vor nach im am um jahr jahre anfang ende mitte "
    "wurde von zwischen")
CUES(FR, TIME, "en depuis dès jusqu'en avant après vers le de entre")
CUES(ES, TIME, "en desde hasta antes después hacia de el entre año")
CUES(ANY, JOIN, "of de du des del della di da do dos la el von van der den "
    "y d of-the bin ibn al upon")
CUES(EN, JOIN, "for")
CUES(DE, JOIN, "für am an zu")
CUES(FR, JOIN, "pour sur")
CUES(ES, JOIN, "para las los")
CUES(ANY, THE, "the la les las los der den")
CUES(EN, AND, "and or")
CUES(DE, AND, "und oder sowie")
CUES(FR, AND, "et ou")
CUES(ES, AND, "y e o")
CUES(EN, PARTICLE, "van von de di da du del della bin ibn al ter")
CUES(DE, PARTICLE, "van de di da del")
CUES(FR, PARTICLE, "van von di da della")
CUES(ES, PARTICLE, "van von di da")

CUES(ANY, TITLE, "mr mrs ms dr prof sir lord lady dame rev")
CUES(EN, TITLE, "president chancellor minister senator governor mayor "
    "ambassador general colonel captain admiral lieutenant sergeant professor "
    "doctor judge justice bishop cardinal pope king queen prince princess "
    "emperor duke count baron chairman chairwoman ceo cfo cto coo director "
    "secretary premier commissioner congressman congresswoman representative "
    "prime vice deputy founder saint")
CUES(DE, TITLE, "herr frau präsident präsidentin bundeskanzler kanzler "
    "bundeskanzlerin kanzlerin minister ministerin bürgermeister "
    "bürgermeisterin oberbürgermeister oberbürgermeisterin professor "
    "professorin doktor richter richterin bischof kardinal papst könig "
    "königin kaiser kaiserin prinz prinzessin herzog graf gräfin general "
    "oberst direktor direktorin geschäftsführer geschäftsführerin "
    "vorstandschef vorstandschefin vorsitzende vorsitzender senator "
    "bundespräsident außenminister außenministerin finanzminister "
    "physiker physikerin chemiker chemikerin schriftsteller "
    "schriftstellerin autor autorin komponist komponistin maler malerin "
    "ingenieur ingenieurin unternehmer unternehmerin dichter philosoph "
    "mathematiker mathematikerin regisseur regisseurin gründer gründerin "
    "sprecher sprecherin informatiker chef chefin forscher forscherin "
    "bruder schwester vater mutter sohn tochter ehemann ehefrau")
CUES(FR, TITLE, "m mme mlle monsieur madame président présidente ministre "
    "sénateur sénatrice maire ambassadeur général colonel capitaine amiral "
    "professeur professeure docteur juge évêque cardinal pape roi reine "
    "prince princesse empereur duc comte baron directeur directrice pdg "
    "secrétaire commissaire chancelier chancelière saint")
CUES(ES, TITLE, "sr sra srta señor señora don doña presidente presidenta "
    "ministro ministra senador senadora alcalde alcaldesa embajador general "
    "coronel capitán almirante profesor profesora doctor doctora juez obispo "
    "cardenal papa rey reina príncipe princesa emperador duque conde "
    "director directora secretario secretaria comisario canciller")

CUES(EN, PERSON, "physicist chemist biologist mathematician scientist writer "
    "author novelist poet painter composer musician singer actor actress "
    "director engineer inventor entrepreneur businessman businesswoman "
    "politician lawyer philosopher historian economist architect astronomer "
    "journalist artist president chancellor minister professor doctor founder "
    "co-founder programmer researcher athlete player footballer "
    "mathematicians chemists physicists queen king emperor teacher nurse "
    "pianist explorer chairman ceo cfo cto spokesman spokeswoman daughter son "
    "wife husband brother sister father mother")
CUES(DE, PERSON, "physiker physikerin chemiker chemikerin biologe biologin "
    "mathematiker mathematikerin wissenschaftler wissenschaftlerin "
    "schriftsteller schriftstellerin autor autorin dichter dichterin maler "
    "malerin komponist komponistin musiker musikerin sänger sängerin "
    "schauspieler schauspielerin ingenieur ingenieurin erfinder erfinderin "
    "unternehmer unternehmerin politiker politikerin anwalt philosoph "
    "philosophin historiker historikerin ökonom architekt architektin "
    "journalist journalistin künstler künstlerin präsident präsidentin "
    "kanzler kanzlerin minister professor professorin gründer gründerin "
    "informatiker informatikerin forscher forscherin")
CUES(FR, PERSON, "physicien physicienne chimiste biologiste mathématicien "
    "mathématicienne scientifique écrivain écrivaine auteur autrice romancier "
    "romancière poète peintre compositeur compositrice musicien musicienne "
    "chanteur chanteuse acteur actrice ingénieur ingénieure inventeur "
    "entrepreneur homme femme politicien avocat avocate philosophe historien "
    "historienne économiste architecte journaliste artiste président "
    "présidente professeur chercheur chercheuse fondateur fondatrice "
    "réalisateur réalisatrice sculpteur sculptrice")
CUES(ES, PERSON, "físico física químico química biólogo bióloga matemático "
    "matemática científico científica escritor escritora autor autora "
    "novelista poeta pintor pintora compositor compositora músico cantante "
    "actor actriz ingeniero ingeniera inventor empresario empresaria político "
    "política abogado abogada filósofo filósofa historiador historiadora "
    "economista arquitecto arquitecta periodista artista presidente profesor "
    "profesora investigador investigadora fundador fundadora futbolista")

CUES(ANY, ORGEND, "inc incorporated corp corporation ltd limited llc llp plc "
    "gmbh ag kg kgaa ohg ug e.v sa sas sarl s.a nv bv se bros spa oy ab asa group "
    "holding holdings gruppe groupe grupo sl co")
CUES(EN, ORG, "university college institute institution bank ministry "
    "department agency association company corporation foundation council "
    "committee commission organization organisation union party federation "
    "society laboratory laboratories museum hospital school court parliament "
    "senate congress bureau board office club church airline airlines airways "
    "motors systems technologies software-maker startup manufacturer firm "
    "publisher newspaper orchestra academy team league consortium authority "
    "service services press times post studios records electric chamber "
    "charity fund cooperative subsidiary retailer supplier nations")
CUES(DE, ORG, "universität hochschule institut bank ministerium behörde "
    "verband verein gesellschaft unternehmen firma konzern stiftung rat "
    "ausschuss kommission organisation union partei bund labor museum "
    "krankenhaus schule gericht bundesgerichtshof parlament bundestag "
    "bundesrat senat amt akademie werke zeitung verlag orchester hersteller "
    "klinikum sparkasse technische bundesbank startup zentralbank "
    "autohersteller softwarehersteller softwareunternehmen versicherung "
    "landgericht bundesministerium fachhochschule genossenschaft tochterfirma")
CUES(FR, ORG, "université école institut banque ministère agence association "
    "société entreprise compagnie fondation conseil comité commission "
    "organisation union parti fédération laboratoire musée hôpital tribunal "
    "parlement sénat assemblée bureau club église académie journal éditeur "
    "collège constructeur filiale coopérative observatoire")
CUES(ES, ORG, "universidad escuela instituto banco ministerio agencia "
    "asociación sociedad empresa compañía fundación consejo comité comisión "
    "organización unión partido federación laboratorio museo hospital tribunal "
    "parlamento senado congreso oficina club iglesia academia periódico "
    "editorial ayuntamiento fabricante filial cooperativa constructora")

CUES(ANY, FORE, "new san santa los las saint north south east west upper "
    "mount lake fort port bad sankt nueva nuevo saint- mont")
CUES(EN, PLACE, "city town village country state province region county "
    "capital street road avenue square river lake mount mountain mountains "
    "island islands sea ocean valley bay park bridge district kingdom states "
    "republic coast peninsula port airport station desert gulf strait suburb "
    "municipality continent hills forest beach canal tower palace castle "
    "cathedral")
CUES(DE, PLACE, "stadt dorf land staat provinz region landkreis kreis "
    "hauptstadt straße platz allee fluss see berg gebirge insel inseln meer "
    "ozean tal bucht park brücke bezirk königreich republik küste halbinsel "
    "hafen flughafen bahnhof landeshauptstadt gemeinde bundesland großstadt "
    "hafenstadt kanton stadtteil kleinstadt zoo turm schloss dom burg")
CUES(FR, PLACE, "ville village pays état province région département capitale "
    "rue avenue place boulevard fleuve rivière lac mont montagne île îles mer "
    "océan vallée baie parc pont quartier royaume république côte péninsule "
    "port aéroport gare commune préfecture canton château cathédrale tour")
CUES(ES, PLACE, "ciudad pueblo país estado provincia región comarca capital "
    "calle avenida plaza río lago monte montaña isla islas mar océano valle "
    "bahía parque puente barrio reino república costa península puerto "
    "aeropuerto estación municipio cordillera torre catedral palacio "
    "castillo")
CUES(EN, EVENT, "war battle revolution conference festival olympics cup "
    "championship summit congress-of crisis election elections games "
    "tournament fair exhibition treaty-signing ceremony earthquake hurricane "
    "pandemic wars uprising expo")
CUES(DE, EVENT, "krieg weltkrieg schlacht revolution konferenz festival "
    "spiele olympiade meisterschaft weltmeisterschaft gipfel krise wahl messe "
    "ausstellung erdbeben pandemie kongress aufstand buchmesse "
    "europameisterschaft")
CUES(FR, EVENT, "guerre bataille révolution conférence festival jeux coupe "
    "championnat sommet crise élection salon exposition séisme pandémie "
    "congrès")
CUES(ES, EVENT, "guerra batalla revolución conferencia festival juegos copa "
    "campeonato cumbre crisis elección feria exposición terremoto pandemia "
    "olimpiadas")
CUES(EN, WORK, "novel book film movie album song opera symphony painting poem "
    "play act treaty constitution magazine report titled entitled essay "
    "article series musical directive regulation sonata documentary")
CUES(DE, WORK, "roman buch film album lied oper sinfonie gemälde gedicht "
    "vertrag gesetz verfassung zeitschrift titel bericht aufsatz drama novelle "
    "theaterstück grundgesetz verordnung")
CUES(FR, WORK, "roman livre film album chanson opéra symphonie tableau poème "
    "pièce loi traité constitution revue intitulé intitulée recueil essai")
CUES(ES, WORK, "novela libro película álbum canción ópera sinfonía cuadro "
    "poema obra ley tratado constitución revista titulada titulado ensayo")
CUES(EN, PRODUCT, "software engine model smartphone phone computer car "
    "aircraft processor console browser language framework library database "
    "app application operating rocket spacecraft satellite telescope drug "
    "vaccine platform tool camera")
CUES(DE, PRODUCT, "software modell smartphone telefon computer auto flugzeug "
    "prozessor browser programmiersprache programm datenbank app rakete "
    "satellit impfstoff medikament betriebssystem kamera")
CUES(FR, PRODUCT, "logiciel modèle téléphone ordinateur voiture avion "
    "processeur navigateur langage application fusée satellite vaccin "
    "appareil")
CUES(ES, PRODUCT, "software modelo teléfono ordenador coche avión procesador "
    "navegador lenguaje aplicación cohete satélite vacuna programa")

CUES(DE, KIND, "unternehmen firma konzern hersteller autohersteller startup "
    "stadt dorf gemeinde insel fluss tochterfirma softwarehersteller roman "
    "film buch software")
CUES(EN, THING, "prize award medal theory law principle effect theorem "
    "algorithm project programme program protocol theories order syndrome "
    "disease equation")
CUES(DE, THING, "preis nobelpreis medaille theorie gesetz prinzip effekt "
    "algorithmus projekt protokoll krankheit friedenspreis")
CUES(FR, THING, "prix médaille théorie principe effet théorème algorithme "
    "projet protocole maladie ordre")
CUES(ES, THING, "premio medalla teoría principio efecto teorema algoritmo "
    "proyecto protocolo enfermedad orden")

CUES(EN, MONTH, "january february march april may june july august september "
    "october november december")
CUES(DE, MONTH, "januar februar märz april mai juni juli august september "
    "oktober november dezember jänner")
CUES(FR, MONTH, "janvier février mars avril mai juin juillet août septembre "
    "octobre novembre décembre")
CUES(ES, MONTH, "enero febrero marzo abril mayo junio julio agosto septiembre "
    "octubre noviembre diciembre")
CUES(EN, WEEKDAY, "monday tuesday wednesday thursday friday saturday sunday")
CUES(DE, WEEKDAY, "montag dienstag mittwoch donnerstag freitag samstag "
    "sonnabend sonntag")
CUES(FR, WEEKDAY, "lundi mardi mercredi jeudi vendredi samedi dimanche")
CUES(ES, WEEKDAY, "lunes martes miércoles jueves viernes sábado domingo")
CUES(ANY, CURRENCY, "usd eur gbp chf jpy cny euro euros dollar dollars yen "
    "yuan pound pounds pfund franken francs dólares libras percent prozent "
    "peso pesos rupees")
CUES(ANY, SCALE, "million millions millionen billion billions milliarde "
    "milliarden milliard milliards trillion thousand mio mrd millones mil "
    "bn m")
CUES(EN, DOES, "said says told argued wrote believed married died lived "
    "worked studied taught grew spoke explained added asked thinks knows "
    "lives works won resigned retired met joined")
CUES(DE, DOES, "sagte sagt erklärte schrieb heiratete starb lebte arbeitete "
    "studierte lehrte sprach meinte lebt arbeitet traf gewann")
CUES(FR, DOES, "dit déclare affirme écrit épouse meurt vécut travaille "
    "étudie enseigne naît habite explique déclaré")
CUES(ES, DOES, "dijo afirmó escribió murió vivió trabajó estudió enseñó nació "
    "explicó vive trabaja ganó declaró")
CUES(EN, PRONOUN, "he she it")
CUES(DE, PRONOUN, "er sie es")
CUES(FR, PRONOUN, "il elle")
CUES(ES, PRONOUN, "él ella")
CUES(ANY, DOT, "dr prof mr mrs ms inc corp ltd co jr sr st no nr bros gen col "
    "sgt dipl ing bzw ca sra srta mme vs rev e.v s.a hon")
/* clang-format on */
#undef CUES
