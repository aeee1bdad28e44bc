"""Country names in French and English and ISO 3166-1 codes, as folded words, to the alpha-2 code in lower case."""

from __future__ import annotations

_TABLE = """
ad and|andorre|andorra
ae are|emirats arabes unis|united arab emirates|eau|uae
af afg|afghanistan
ag atg|antigua et barbuda|antigua and barbuda
al alb|albanie|albania
am arm|armenie|armenia
ao ago|angola
ar arg|argentine|argentina
at aut|autriche|austria|osterreich
au aus|australie|australia
az aze|azerbaidjan|azerbaijan
ba bih|bosnie herzegovine|bosnia and herzegovina|bosnie
bb brb|barbade|barbados
bd bgd|bangladesh
be bel|belgique|belgium|belgie
bf bfa|burkina faso|burkina
bg bgr|bulgarie|bulgaria
bh bhr|bahrein|bahrain
bi bdi|burundi
bj ben|benin
bl blm|saint barthelemy
bn brn|brunei
bo bol|bolivie|bolivia
br bra|bresil|brazil|brasil
bs bhs|bahamas
bt btn|bhoutan|bhutan
bw bwa|botswana
by blr|bielorussie|belarus
bz blz|belize
ca can|canada
cd cod|republique democratique du congo|rd congo|rdc|democratic republic of the congo|dr congo|congo kinshasa
cf caf|republique centrafricaine|centrafrique|central african republic
cg cog|congo|republique du congo|congo brazzaville
ch che|suisse|switzerland|schweiz|svizzera
ci civ|cote d ivoire|ivory coast
cl chl|chili|chile
cm cmr|cameroun|cameroon
cn chn|chine|china
co col|colombie|colombia
cr cri|costa rica
cu cub|cuba
cv cpv|cap vert|cape verde|cabo verde
cy cyp|chypre|cyprus
cz cze|republique tcheque|tchequie|czech republic|czechia
de deu|allemagne|germany|deutschland|rfa
dj dji|djibouti
dk dnk|danemark|denmark|danmark
dm dma|dominique|dominica
do dom|republique dominicaine|dominican republic
dz dza|algerie|algeria
ec ecu|equateur|ecuador
ee est|estonie|estonia
eg egy|egypte|egypt
er eri|erythree|eritrea
es esp|espagne|spain|espana
et eth|ethiopie|ethiopia
fi fin|finlande|finland|suomi
fj fji|fidji|fiji
fm fsm|micronesie|micronesia
fo fro|iles feroe|faroe islands
fr fra|france|france metropolitaine|republique francaise|f|fr metropole|frankreich|francia
ga gab|gabon
gb gbr|royaume uni|united kingdom|uk|grande bretagne|great britain|britain
gb gbr|angleterre|england|ecosse|scotland|pays de galles|wales|irlande du nord|northern ireland
gd grd|grenade|grenada
ge geo|georgie|georgia
gf guf|guyane|guyane francaise|french guiana
gg ggy|guernesey|guernsey
gh gha|ghana
gi gib|gibraltar
gl grl|groenland|greenland
gm gmb|gambie|gambia
gn gin|guinee|guinea|guinee conakry
gp glp|guadeloupe
gq gnq|guinee equatoriale|equatorial guinea
gr grc|grece|greece|hellas
gt gtm|guatemala
gw gnb|guinee bissau|guinea bissau
gy guy|guyana
hk hkg|hong kong
hn hnd|honduras
hr hrv|croatie|croatia
ht hti|haiti
hu hun|hongrie|hungary
id idn|indonesie|indonesia
ie irl|irlande|ireland|eire
il isr|israel
im imn|ile de man|isle of man
in ind|inde|india
iq irq|irak|iraq
ir irn|iran
is isl|islande|iceland
it ita|italie|italy|italia
je jey|jersey
jm jam|jamaique|jamaica
jo jor|jordanie|jordan
jp jpn|japon|japan
ke ken|kenya
kg kgz|kirghizistan|kyrgyzstan
kh khm|cambodge|cambodia
km com|comores|comoros
kn kna|saint christophe et nieves|saint kitts and nevis
kp prk|coree du nord|north korea
kr kor|coree du sud|south korea|coree|korea
kw kwt|koweit|kuwait
kz kaz|kazakhstan
la lao|laos
lb lbn|liban|lebanon
lc lca|sainte lucie|saint lucia
li lie|liechtenstein
lk lka|sri lanka
lr lbr|liberia
ls lso|lesotho
lt ltu|lituanie|lithuania
lu lux|luxembourg
lv lva|lettonie|latvia
ly lby|libye|libya
ma mar|maroc|morocco
mc mco|monaco
md mda|moldavie|moldova
me mne|montenegro
mf maf|saint martin
mg mdg|madagascar
mh mhl|iles marshall|marshall islands
mk mkd|macedoine|macedoine du nord|north macedonia|macedonia
ml mli|mali
mm mmr|birmanie|myanmar|burma
mn mng|mongolie|mongolia
mo mac|macao
mq mtq|martinique
mr mrt|mauritanie|mauritania
mt mlt|malte|malta
mu mus|ile maurice|maurice|mauritius
mv mdv|maldives
mw mwi|malawi
mx mex|mexique|mexico
my mys|malaisie|malaysia
mz moz|mozambique
na nam|namibie|namibia
nc ncl|nouvelle caledonie|new caledonia
ne ner|niger
ng nga|nigeria
ni nic|nicaragua
nl nld|pays bas|netherlands|hollande|holland|nederland|the netherlands
no nor|norvege|norway|norge
np npl|nepal
nr nru|nauru
nz nzl|nouvelle zelande|new zealand
om omn|oman
pa pan|panama
pe per|perou|peru
pf pyf|polynesie francaise|french polynesia|tahiti
pg png|papouasie nouvelle guinee|papua new guinea
ph phl|philippines
pk pak|pakistan
pl pol|pologne|poland|polska
pm spm|saint pierre et miquelon
pr pri|porto rico|puerto rico
ps pse|palestine
pt prt|portugal
pw plw|palaos|palau
py pry|paraguay
qa qat|qatar
re reu|reunion|la reunion|ile de la reunion
ro rou|roumanie|romania
rs srb|serbie|serbia
ru rus|russie|russia|federation de russie
rw rwa|rwanda
sa sau|arabie saoudite|saudi arabia
sb slb|iles salomon|solomon islands
sc syc|seychelles
sd sdn|soudan|sudan
se swe|suede|sweden|sverige
sg sgp|singapour|singapore
si svn|slovenie|slovenia
sk svk|slovaquie|slovakia
sl sle|sierra leone
sm smr|saint marin|san marino
sn sen|senegal
so som|somalie|somalia
sr sur|suriname
ss ssd|soudan du sud|south sudan
st stp|sao tome et principe|sao tome and principe
sv slv|salvador|el salvador
sy syr|syrie|syria
sz swz|eswatini|swaziland
td tcd|tchad|chad
tf atf|terres australes francaises
tg tgo|togo
th tha|thailande|thailand
tj tjk|tadjikistan|tajikistan
tl tls|timor oriental|timor leste
tm tkm|turkmenistan
tn tun|tunisie|tunisia
to ton|tonga
tr tur|turquie|turkey|turkiye
tt tto|trinite et tobago|trinidad and tobago
tv tuv|tuvalu
tw twn|taiwan
tz tza|tanzanie|tanzania
ua ukr|ukraine
ug uga|ouganda|uganda
us usa|etats unis|united states|etats unis d amerique|united states of america|u s a|u s|america
uy ury|uruguay
uz uzb|ouzbekistan|uzbekistan
va vat|vatican
vc vct|saint vincent et les grenadines|saint vincent and the grenadines
ve ven|venezuela
vn vnm|vietnam|viet nam
vu vut|vanuatu
wf wlf|wallis et futuna|wallis and futuna
ws wsm|samoa
xk xkx|kosovo
ye yem|yemen
yt myt|mayotte
za zaf|afrique du sud|south africa
zm zmb|zambie|zambia
zw zwe|zimbabwe
"""
COUNTRIES: dict[str, str] = {
    name: codes.split()[0]
    for codes, _, names in (line.partition("|") for line in _TABLE.strip().splitlines())
    for name in (*codes.split(), *names.split("|"))
}
