"""Given names that parents compose, so that "Jean Pierre" is one name where "Jean Marcel Paul" is three.

The root of a compound is written in one word ("jeanpierre"): brothers called Jean-Pierre and Jean-Paul
share no root, and a silo that writes JEANPIERRE agrees with one that writes Jean-Pierre.
"""

from __future__ import annotations

_TABLE = """
abd: allah el
abdel: aziz ghani hakim hamid ilah kader karim krim latif majid malik nour rahman wahab
ange: marie
anne: catherine cecile charlotte claire elisabeth elise emmanuelle flore france francoise gaelle helene isabelle josephe laure lise lou
anne: lyse marguerite marie marine mathilde monique paule pauline sarah sophie sylvie valerie veronique violaine yvonne
charles: andre antoine edouard emmanuel eric henri louis philippe
claude: marie
emma: louise
fatima: ezzahra zahra zohra
francois: joseph marie pierre regis xavier
guy: marie noel
henri: charles louis paul pierre
jean: alain andre antoine baptiste benoit bernard charles christian christophe claude daniel david denis didier dominique edouard eric
jean: etienne eudes francois frederic gabriel georges gilles gregoire guy henri hubert hugues jacques joseph julien laurent leon loic
jean: lou louis loup luc manuel marc marcel marie martin mathieu maurice max maxime mi michel nicolas noel olivier pascal patrick paul
jean: philippe pierre raphael raymond remi remy rene richard robert roch roger roland samuel sebastien simon stephane theo thierry
jean: thomas victor vincent willy xavier yann yannick yves
jeanne: marie
jose: luis manuel maria
juan: carlos pablo
lily: rose
lise: anne marie
lou: andrea ann anna anne
louis: alexandre antoine charles ferdinand joseph marie napoleon paul philibert philippe
marc: andre antoine aurele olivier
mari: carmen
maria: jose luisa teresa
marie: agnes alice amelie andree ange angele anne annick antoinette astrid aude bernadette brigitte camille caroline catherine cecile
marie: celeste celine chantal charlotte christelle christine claire claude clemence clotilde colette danielle delphine denise dominique
marie: edith elisabeth elise emilie emmanuelle estelle eugenie eve fleur flore florence france francoise gabrielle gaelle genevieve
marie: georges germaine ginette helene hortense ines jeanne jo jocelyne joelle jose josee josephe julie juliette laure laurence line
marie: lise lou louise luce lucie lucile lyne madeleine marguerite marthe martine michele michelle monique nicole noel noelle odette
marie: odile paola pascale paul paule philippe pierre reine renee rose solange sophie suzanne sylvie the therese valentine veronique
marie: victoire victoria violaine virginie yvonne
mary: ann anne beth jane kate lou
mohamed: ali amine cherif lamine reda salah yassine
paul: alexandre andre antoine edouard emile emmanuel eric henri louis loup marie
pierre: adrien alain alexandre andre ange antoine charles edouard emmanuel etienne francois gabriel henri jean julien laurent louis loup
pierre: luc marie olivier philippe yves
rose: aimee anne line marie may
yves: marie
"""
COMPOUNDS: frozenset[tuple[str, str]] = frozenset(
    (first, second) for first, _, seconds in (line.partition(":") for line in _TABLE.strip().splitlines()) for second in seconds.split()
)
_PET_FORMS = frozenset({"mi", "jo", "lou"})
GLUED: dict[str, tuple[str, str]] = {
    first + second: (first, second)
    for first, second in COMPOUNDS
    if first in {"jean", "marie", "anne", "pierre"} and second not in _PET_FORMS
}
"""A compound written in one word, and its two parts."""

ABBREVIATED = frozenset(
    first[0] + second[0]
    for first, second in COMPOUNDS
    if first in {"jean", "pierre"} and second not in _PET_FORMS and second[0] not in "aeiou"
)
"""Initials by which bearers of the commonest compounds sign: jp, jm, py …"""
