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
albert: bertie
alexander: alec xander
alfred: alf alfie
andrew: andy drew
anthony: tony
antoine: anto toine tonio
archibald: archie
arnaud: arno
arthur: art artie
barbara: babs barb barbie
bartholomew: bart
bastien: basti
beatrice: bea trixie
benedicte: bene
benjamin: benj benji benny
bernadette: nadette
bernard: nanard
bradley: brad
brigitte: bri bribri gigitte
cameron: cam
camille: milou
caroline: caro
catherine: cath cathie cathy
charles: charley charlie chas chaz chuck
charlotte: chacha lolotte
christophe: christof toff tophe
christopher: kit topher
cynthia: cindy
daniel: danny
david: dave davey davie davy
deborah: deb debbie debby debra
delphine: delph
dominique: dom domi doume
dorothee: doro
dorothy: dolly dot dottie
edward: ed eddie eddy ned ted teddy
eleanor: nell nellie
elizabeth: bess bessie beth betsey betsy betty eliza libby lisbeth liz lizbeth lizzie lizzy
elodie: elo
emily: emmy
emmanuel: manu
emmanuelle: manue manuelle
fatima: fati
frances: fran frannie
francois: fanch
frederic: fred fredo
frederick: freddie freddy
gabrielle: gabby
geoffrey: geoff jeff jeffery jeffrey
gerald: gerry jerry
gerard: gege
ghislaine: guilaine
gregory: greg gregg
guillaume: guigui guillou
harold: hal
harriet: hattie
henriette: yette
henry: hank harry
isabella: bella izzy
isabelle: isa zabou
jacob: jake
jacqueline: jacotte
jacques: jacquot
james: jas jim jimmie jimmy
jean: jeannot
jeanbaptiste: jb jeanba
jeanclaude: jeanclo
jeanfrancois: jeanfi
jeanmichel: jeanmi
jeanne: jeannette
jeanphilippe: jeanphi jphi
jeansebastien: jeanseb
jennifer: jen jenn jenny
jeremie: jerem jeremi
jerome: jero
jessica: jess jessie
john: johnnie johnny
jonathan: jon jonathon jonny
joseph: joe joey jos josep
josephine: fifine
joshua: josh
katherine: kate kath katharine kathie kathryn kathy katie katy kitty
kenneth: ken kenny
kimberly: kimberley
laetitia: laeti titia
lawrence: larry lawrie
leonard: len lenny
leopold: popol
louis: louie
lucien: lucho
ludovic: ludo ludovik
madeleine: mado
margaret: madge maggie mags marge margie meg peggy
margaux: margot
mariefrance: marief
mariejose: mariejo marijo
marielaure: marilo
marielouise: malou
mariepierre: mariepi
marietherese: mariethe marithe
martin: marty
matthew: matt matty
maximilian: maxi
michael: mick mickey micky mike mikey
michel: mich
mitchell: mitch
mohamed: moh mohamad mohammad mohammed mouhamed muhammad muhammed
monique: monik
nathalie: nath
nathaniel: nate
nicholas: nick nicky
nicolas: colas nico
oliver: ollie olly
olivier: oliv
pamela: pam
patricia: patsy patti patty tricia trish
patrick: patoche
penelope: penny
peter: pete
philip: phillip pip
philippe: filou phil philou
pierre: pierro pierrot
pierreyves: py
raymond: ray
rebecca: becca beckie becky
renaud: reno
richard: dick dickie dicky rich richie rick rickie ricky
robert: bebert bob bobbie bobby rob robbie robby robt
roger: rodge
roland: rolo
ronald: ron ronnie
samuel: saml
sarah: sadie sally
sebastien: seb sebast
solomon: sol
sophie: sof soso
stephanie: stefie stephie
stephen: steve steven stevie
susan: sue susie suzan
suzanne: suzette suzie suzon suzy
terence: terrence terry
theodora: theda
theresa: teresa terri
thibault: thib thibaud thibaut thibo tibo
thomas: thom thos tom tommy
timothy: tim timmy
tobias: toby
valerie: valy
veronique: vero veron
victoria: tori vicki vickie vicky
vincent: vince vinnie vinny
virginie: virg
walter: wally walt
william: bill billy will willie willy wm
xavier: xav zav
zachary: zac zach zack
"""
ROOTS: dict[str, str] = {
    form: name for name, _, forms in (line.partition(":") for line in _TABLE.strip().splitlines()) for form in forms.split()
}
"""Pet form to the given name it stands for."""
