"""Short and pet forms of given names and the name they stand for, French first, then the English ones that everybody knows.

Rules
- Only forms that stand for one name are here: Alex, Chris, Sam, Steph, Val, Flo, Ben or Max may be several, and stay.
- A form that is itself a common registered name (Théo, Léo, Nina, Lola, Léa, Eva) stays.
"""

from __future__ import annotations

_TABLE = """
abderrahmane: abderrahman
abigail: abbie abby
abraham: abe
adelaide: ade
alain: lulain
albert: bertie
alexander: alec xander
alexandra: alexa xandra
alexandre: alexou
alfred: alf alfie
alphonse: fonfonse
anais: nanais
andrew: andy drew
anthony: tony
antoine: anto toine tonio
archibald: archie
armand: manmand
arnaud: arno
arthur: art artie
augustin: tintin
aurelie: relie
barbara: babs barb barbie
bartholomew: bart
bastien: basti
beatrice: bea trixie
benedicte: bene
benjamin: benj benji benny
bernadette: nadette
bernard: nanard
bradley: brad
brigitte: bibiche bri bribri gigitte
cameron: cam
camille: milou
caroline: caro
catherine: cath cathie cathy
cecile: cess
chantal: chanchan tatal
charles: charley charlie chas chaz chuck
charlotte: chacha lolotte
christophe: christof toff tophe
christopher: kit topher
clemence: clemsou
cynthia: cindy
daniel: danny dany
david: dave davey davie davy
deborah: deb debbie debby debra
delphine: delph
dominique: dom domi doume
dorothee: doro
dorothy: dolly dot dottie
edouard: edou
edward: ed eddie eddy ned ted teddy
eleanor: nell nellie
elizabeth: bess bessie beth betsey betsy betty eliza libby lisbeth liz lizbeth lizzie lizzy
elodie: elo lodie
emily: emmy
emmanuel: manu
emmanuelle: manue manuelle
etienne: tienne tiennot
fabien: fabinou
fatima: fati
fernand: nanand
frances: fran frannie
francine: cine
francois: fanch
francoise: fanchon framboise soizic
frederic: fred fredo
frederick: freddie freddy
gabrielle: gabby
genevieve: gene
geoffrey: geoff jeff jeffery jeffrey
gerald: gerry jerry
gerard: gege
ghislaine: guilaine
gregory: greg gregg gregou
guillaume: guigui guillou guitou
harold: hal
harriet: hattie
helene: leno
henriette: riette yette
henry: hank harry
isabella: bella izzy
isabelle: babelle isa zabou zaza
jacob: jake
jacqueline: jacotte
jacques: jacquot jako
james: jas jim jimmie jimmy
jean: jeannot
jeanbaptiste: jb jeanba jibe
jeanclaude: jeanclo
jeanfrancois: jeanfi
jeanmichel: jeanmi jeanmimi
jeanne: jeannette
jeanphilippe: jeanphi jphi
jeansebastien: jeanseb
jennifer: jen jenn jenny
jeremie: jerem jeremi
jerome: jej jero
jessica: jess jessie
john: johnnie johnny
jonathan: jon jonathon jonny
joseph: joe joey jos josep
josephine: fifine
joshua: josh
julien: julot
katherine: kate kath katharine kathie kathryn kathy katie katy kitty
kenneth: ken kenny
kimberly: kimberley
laetitia: laeti titia
laurent: lolo
lawrence: larry lawrie
leonard: len lenny
leopold: popol
louis: louie petitlouis
lucien: lucho lulu
ludovic: ludo ludovik
madeleine: mado
margaret: madge maggie mags marge margie meg peggy
margaux: margot
mariefrance: marief
mariejose: mariejo marijo
marielaure: marilo
marielouise: malou marilou maryloo
mariepierre: mariepi
marietherese: mariethe marithe
martin: marty
matthew: matt matty
maximilian: maxi
melanie: mela
michael: mick mickey micky mike mikey
michel: mich
mireille: mireillou
mitchell: mitch
mohamed: moh mohamad mohammad mohammed mouhamed muhammad muhammed
monique: monik
nathalie: nath natou
nathaniel: nate
nicholas: nick nicky
nicolas: colas nico nicou
odette: dedette
oliver: ollie olly
olivier: oliv olivie
pamela: pam
patricia: patricial patsy patti patty tricia trish
patrick: patoche
penelope: penny
peter: pete
philip: phillip pip
philippe: filou flip phil philou
pierre: pier pierro pierrot
pierreyves: py
raymond: momond ray raymondo
rebecca: becca beckie becky
renaud: reno
richard: dick dickie dicky rich richie rick rickie ricky
robert: bebert bob bobbie bobby rob robbie robby robt
roger: rodge
roland: rolo
ronald: ron ronnie
samuel: saml
sandrine: sandrinette
sarah: sadie sally
sebastien: bastoun seb sebast
simone: momone
solomon: sol
sophie: sof soso
stephane: stephanou
stephanie: stefie stephie
stephen: steve steven stevie
susan: sue susie suzan
suzanne: suzette suzie suzon suzy
terence: terrence terry
theodora: theda
theodore: dodor
theresa: teresa terri tess
therese: teresou
thibault: thib thibaud thibaut thibo tibo
thierry: thithi
thomas: thom thos tom tommy
timothy: tim timmy
tobias: toby
valerie: valoche valy
veronique: vero veron
victoria: tori vicki vickie vicky
vincent: vince vincou vinnie vinny
virginie: ginie virg
walter: wally walt
william: bill billy will willie willy wm
xavier: xav zav
yvonne: vonnette
zachary: zac zach zack
"""
ROOTS: dict[str, str] = {
    form: name for name, _, forms in (line.partition(":") for line in _TABLE.strip().splitlines()) for form in forms.split()
}
"""Pet form to the given name it stands for."""
