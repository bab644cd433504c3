/* SPDX-License-Identifier: Apache-2.0 */
/*
 * patterns_tbl: the words between two names that tell how they are linked.
 *
 * Phrases stand apart by "|" and have PHRASE_WORDS_MAX words at most.  What
 * voice they are in is told by the words around them (cues_tbl.h), so a verb
 * stands here once for "X founded Y" and for "Y was founded by X".
 */
/* clang-format off */
/*      language label */
PATTERN(EN, FOUNDED, "founded|co-founded|cofounded|established|set up|"
    "founder of|co-founder of|founders of")
PATTERN(EN, ACQUIRED, "acquired|acquires|bought|buys|took over|purchased|"
    "takes over|has acquired|acquiring|acquisition of")
PATTERN(EN, MERGED, "merged with|merges with|merging with")
PATTERN(EN, OWNS, "owns|owned")
PATTERN(EN, WORKS_AT, "works at|works for|worked at|worked for|joined|joins|"
    "employed by|employed at|working at|working for|taught at|teaches at|"
    "professor at|engineer at|researcher at|moved to work for")
PATTERN(EN, LEADS, "leads|led|heads|headed|chaired|chairs|directed|runs|"
    "directs")
PATTERN(EN, STUDIED_AT, "studied at|studies at|graduated from|educated at|"
    "attended|student at")
PATTERN(EN, LIVES_IN, "lives in|lived in|moved to|moves to|resides in|"
    "settled in|living in|emigrated to")
PATTERN(EN, BORN, "born")
PATTERN(EN, DIED, "died")
PATTERN(EN, LOCATED, "located|situated|based|headquartered|lies in|"
    "headquarters in|stands in|lies on")
PATTERN(EN, HELD, "held|took place|takes place")
PATTERN(EN, MARRIED, "married|marries|wife of|husband of")
PATTERN(EN, WROTE, "wrote|written|writes|published|composed|painted|author of|"
    "directed by")
PATTERN(EN, MADE, "developed|develops|makes|built|released|launched|produces|"
    "produced|created|creates|invented|manufactures|designed")
PATTERN(EN, DISCOVERED, "discovered|discovers")
PATTERN(EN, WON, "won|wins|received|receives|awarded|was awarded")
PATTERN(EN, PART_OF, "part of|belongs to|division of|subsidiary of")
PATTERN(EN, MEMBER_OF, "member of|members of")
PATTERN(EN, MET, "met|met with|meets|meets with")

PATTERN(DE, FOUNDED, "gründete|gründeten|gegründet|gründer von|gründer der|"
    "gründerin von|gründet|mitgegründet")
PATTERN(DE, ACQUIRED, "übernahm|übernommen|übernimmt|kaufte|gekauft|erwarb|"
    "erworben|kauft")
PATTERN(DE, MERGED, "fusionierte mit|fusioniert mit|verschmolz mit")
PATTERN(DE, OWNS, "besitzt|besaß")
PATTERN(DE, WORKS_AT, "arbeitet bei|arbeitet für|arbeitete bei|arbeitete für|"
    "lehrte an|lehrt an|arbeitete an|arbeitet an")
PATTERN(DE, LEADS, "leitet|leitete|führt|geleitet|geführt|führte")
PATTERN(DE, STUDIED_AT, "studierte an|studierte bei|studiert an|studierte")
PATTERN(DE, LIVES_IN, "lebt in|lebte in|wohnt in|wohnte in|zog nach")
PATTERN(DE, BORN, "geboren")
PATTERN(DE, DIED, "starb|gestorben|verstarb")
PATTERN(DE, LOCATED, "liegt|befindet sich|gelegen|mit sitz|hat ihren sitz|"
    "hat seinen sitz|sitz in|steht in|ansässig")
PATTERN(DE, HELD, "fand|findet|stattfand|abgehalten|statt")
PATTERN(DE, MARRIED, "heiratete|verheiratet mit|heiratet")
PATTERN(DE, WROTE, "schrieb|geschrieben|veröffentlichte|verfasste|"
    "komponierte|malte|veröffentlicht|verfasst|autor von")
PATTERN(DE, MADE, "entwickelte|entwickelt|baute|gebaut|stellt|erfand|"
    "erfunden|produziert|hergestellt")
PATTERN(DE, DISCOVERED, "entdeckte|entdeckt")
PATTERN(DE, WON, "gewann|erhielt|gewonnen|erhalten|bekam")
PATTERN(DE, PART_OF, "teil von|teil der|teil des|gehört zu|gehört zur|"
    "gehört zum|tochter von|tochter der|tochtergesellschaft der")
PATTERN(DE, MEMBER_OF, "mitglied der|mitglied von|mitglied des|mitglied im")
PATTERN(DE, MET, "traf|trifft|traf sich mit")

PATTERN(FR, FOUNDED, "fonde|fonda|fondé|fondée|a fondé|créé par|créée par|"
    "fondateur de|fondatrice de|fondèrent|ont fondé")
PATTERN(FR, ACQUIRED, "a acquis|acquiert|racheté|rachetée|rachète|a racheté|"
    "acquise|acquis")
PATTERN(FR, MERGED, "fusionne avec|a fusionné avec|fusionné avec")
PATTERN(FR, OWNS, "possède|détient")
PATTERN(FR, WORKS_AT, "travaille chez|travaille pour|travaille à|"
    "travaillait chez|a travaillé chez|a travaillé pour|enseigne à|"
    "a rejoint|rejoint|enseigna à|travailla chez|travaille au")
PATTERN(FR, LEADS, "dirige|dirigé|dirigée|préside|présidé|dirigea|présidée")
PATTERN(FR, STUDIED_AT, "étudie à|étudia à|a étudié à|diplômé de|"
    "diplômée de|étudie au")
PATTERN(FR, LIVES_IN, "habite à|vit à|vivait à|habite|s'installe à|"
    "vécut à|installe à|vit en|a vécu à")
PATTERN(FR, BORN, "né|née|naît|naquit")
PATTERN(FR, DIED, "mort|morte|meurt|mourut|décédé|décédée")
PATTERN(FR, LOCATED, "située|situé|se trouve|basée|basé|trouve|siège|"
    "implantée|implanté")
PATTERN(FR, HELD, "a lieu|eut lieu|a eu lieu|se tient|organisé|organisée")
PATTERN(FR, MARRIED, "épouse|épousa|a épousé|marié à|mariée à|marié avec")
PATTERN(FR, WROTE, "écrit|écrivit|a écrit|publie|publia|a publié|peint|"
    "auteur de|compose|publié|écrite|a peint|peignit|autrice de")
PATTERN(FR, MADE, "développe|développé|développée|fabrique|produit|lance|"
    "a lancé|a développé|invente|inventa|a inventé|construit|conçu")
PATTERN(FR, DISCOVERED, "découvre|découvrit|a découvert|découvert")
PATTERN(FR, WON, "remporte|reçoit|reçut|a reçu|a remporté|obtient|obtint|"
    "remporta")
PATTERN(FR, PART_OF, "partie de|partie du|partie des|appartient à|"
    "filiale de|appartient au|filiale du")
PATTERN(FR, MEMBER_OF, "membre de|membre du|membre des")
PATTERN(FR, MET, "rencontre|rencontra|a rencontré")

PATTERN(ES, FOUNDED, "fundó|fundada|fundado|fundaron|fundador de|"
    "fundadora de|creada por|creado por|funda")
PATTERN(ES, ACQUIRED, "adquirió|adquirida|adquirido|compró|comprada|"
    "comprado|adquiere|compra")
PATTERN(ES, MERGED, "se fusionó con|fusionó con")
PATTERN(ES, OWNS, "posee|poseía")
PATTERN(ES, WORKS_AT, "trabaja en|trabaja para|trabajó en|trabajó para|"
    "enseña en|enseñó en|se unió a")
PATTERN(ES, LEADS, "dirige|dirigió|dirigida|dirigido|preside|presidió|"
    "encabeza|presidida")
PATTERN(ES, STUDIED_AT, "estudió en|estudia en|se graduó en|graduado de|"
    "licenciada en")
PATTERN(ES, LIVES_IN, "vive en|vivió en|reside en|se mudó a|se trasladó a")
PATTERN(ES, BORN, "nació|nacido|nacida|nace")
PATTERN(ES, DIED, "murió|falleció|fallecido|muere|fallecida")
PATTERN(ES, LOCATED, "situada|situado|ubicada|ubicado|se encuentra|"
    "con sede|sede en|se ubica|encuentra")
PATTERN(ES, HELD, "se celebró|tuvo lugar|celebrada|celebrado|celebró|"
    "se celebra")
PATTERN(ES, MARRIED, "se casó con|casado con|casada con")
PATTERN(ES, WROTE, "escribió|escrita|escrito|publicó|publicada|publicado|"
    "pintó|compuso|autor de|autora de|pintada|pintado|pinta|escribe")
PATTERN(ES, MADE, "desarrolló|desarrollada|desarrollado|desarrolla|fabrica|"
    "produce|lanzó|creó|inventó|construyó|lanzado|construido|diseñó")
PATTERN(ES, DISCOVERED, "descubrió|descubierta|descubierto")
PATTERN(ES, WON, "ganó|recibió|obtuvo|recibe")
PATTERN(ES, PART_OF, "parte de|parte del|pertenece a|filial de")
PATTERN(ES, MEMBER_OF, "miembro de|miembro del|miembros de")
PATTERN(ES, MET, "se reunió con|conoció a")
/* clang-format on */
#undef PATTERN
