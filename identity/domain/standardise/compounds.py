"""Given names that parents compose, so that "Jean Pierre" is one name where "Jean Marcel Paul" is three.

The root of a compound is written in one word ("jeanpierre"): brothers called Jean-Pierre and Jean-Paul
share no root, and a silo that writes JEANPIERRE agrees with one that writes Jean-Pierre.
"""

from __future__ import annotations

_TABLE = """
abd: allah el
abdel: aziz ghani hakim hamid ilah kader karim krim latif majid malik nour rahman wahab
anne: catherine cecile charlotte claire elisabeth flore france gaelle helene isabelle laure lise lou lyse marguerite marie marine
anne: mathilde monique paule pauline sarah sophie sylvie valerie veronique violaine yvonne
charles: andre antoine edouard emmanuel eric henri louis philippe
claude: marie
fatima: ezzahra zahra zohra
francois: joseph marie pierre regis xavier
guy: marie noel
henri: charles louis paul pierre
jean: alain andre antoine baptiste benoit bernard charles christian christophe claude daniel david denis didier dominique edouard eric
jean: etienne eudes francois frederic gabriel georges gilles gregoire guy henri hubert hugues jacques joseph julien laurent leon loic
jean: lou louis loup luc manuel marc marcel marie martin mathieu maurice max maxime mi michel nicolas noel olivier pascal patrick paul
jean: philippe pierre raphael raymond remi remy rene richard robert roch roger roland samuel sebastien simon stephane theo thierry
jean: thomas victor vincent willy xavier yann yannick yves
lise: anne marie
lou: andrea ann anne
louis: alexandre antoine charles ferdinand joseph marie napoleon paul philibert philippe
marie: agnes alice amelie andree ange angele anne annick antoinette astrid bernadette brigitte camille catherine cecile celine chantal
marie: charlotte christelle christine claire claude clemence colette danielle denise dominique edith elisabeth elise emilie emmanuelle
marie: estelle eugenie eve fleur flore florence france francoise gabrielle genevieve georges germaine ginette helene hortense ines
marie: jeanne jo jocelyne jose josee josephe julie juliette laure laurence line lou louise luce lucie lyne madeleine marguerite marthe
marie: martine michele michelle monique nicole noelle odette odile pascale paul paule philippe pierre reine renee rose solange sophie
marie: suzanne sylvie the therese valentine veronique victoire victoria violaine virginie yvonne
mary: ann anne beth jane kate lou
mohamed: ali amine cherif lamine reda salah yassine
paul: alexandre andre antoine edouard emile emmanuel henri louis marie
pierre: alain andre ange antoine charles edouard emmanuel etienne francois henri jean louis marie olivier yves
rose: anne line marie may
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
