"""Common given names, to tell which half of a whole name is which. Written from general knowledge; no need to be complete."""

from __future__ import annotations

_ALSO_SURNAMES = """
    adam ahmed alain albert alexandre ali allan allen andre antoine arnaud arthur aubert aubin auguste baptiste barthelemy bastien
    benjamin benoit bernard bertrand blanc blanchard carter charles christian claude clement colas colin cooper craig daniel david dean
    denis dennis didier dominique douglas duncan dylan edouard elliott emile etienne eugene fabre felix ferdinand fernand florent
    francis francois frank gabriel gautier georges gerard germain gilbert gilles girard gordon graham grant gregoire guerin gui
    guillaume guy harvey henri henry herbert herve howard hubert hugues humbert hunter isaac jackson jacob jacques jacquet james jean
    joly jordan joseph jourdan julien keith kelly kennedy lambert laurent lee leger leon leonard leslie lewis logan louis louise luc
    lucas marc marcel mariette marin marius marshall martin mason mathieu maurice maxim maxime michel mitchell mohamed moise morgan
    murray neal nicolas noel oliver olivier omar owen paris parker pascal patrice paul perrin perry philippe pierre pons rambert ray
    raymond raynaud reed remy renaud renault rene richard riley robert robin roger roland romain ross ruben russell ryan said salem
    samson samuel scott sebastien serge shannon simon stanley stuart taylor terry thibault thomas todd toussaint tyler urbain valentin
    vasseur victor vidal vincent walter warren wayne wesley xavier yves
"""
_OTHERS = """
    aaron abdallah abdel abdelkader abdellah abdou abigail adele adeline adil adrian adriana adrien agathe agnes agnieszka aicha aida
    aidan aime aimee alban alberto alejandro alessandro alexandra alexia alexis alfonso alfred alice alicia aline alison alix alma aloys
    alphonse amanda amandine amaury amber ambre amel amelia amelie amina aminata amine amir amy ana anabelle anais anastasia andrea
    andree andrew ange angel angela angele angelina angelique angus anissa anita ann anna annabelle anne annette annick annie anthony
    antonin antonio apolline ariane aristide armand armande armelle arsene assia astrid aude audrey augustin augustine aurelia aurelie
    aurelien aurore awa axel axelle ayoub aziz barbara barry beatrice becky benedicte berenice bernadette berthe beth bethany bilal
    binta blaise blanche bogdan boris boubacar bradley brahim brandon brenda brian brice bridget brigitte bruce bruno caitlin callum
    cameron camille candice capucine carine carl carla carlos carly carmen carol carole caroline carolyn catalina caterina catherine
    catriona cecile cecilia cedric celestin celestine celia celine chantal charlie charline charlotte cheikh chelsea chiara chloe
    christel christelle christiane christina christine christophe christopher claire clara clarisse claudette claudia claudie claudine
    claudio clea clemence clementine clotilde colette coline colleen connor constance constant coralie corentin corinne courtney
    cristina cyprien cyril cyrille dale damien danielle dany daphne darren davide deborah delphine denise derek desire diana diane diego
    dieter djamel djibril dolores domitille donald donatien donna dora doriane doris dorothee dorothy driss edgar edith edmond edward
    edwige edwin elaine elea eleanor elena eleonore eliane elias elie eliot elisa elisabeth elise elizabeth ella ellen ellie elodie
    eloise elsa elvire emeline emilie emilien emilienne emily emma emmanuel emmanuelle enrico enrique enzo eric erica erik erin ernest
    ernestine erwan esteban estelle esther ethan eugenie eva evan eve evelyn evelyne evie ewa ewen fabien fabienne fabio fabrice
    fabrizio fadila faiza fanny farid farida fatiha fatima fatou fatoumata faustine federico felicie felipe fernanda fernande fernando
    filipe finlay fiona flavie flavien fleur flora florence florian florine fouad franca france francesca francine francisco franck
    franco francoise frederic frederick frederique freya friedrich fritz gabrielle gael gaelle gaetan gareth gary gaspard gaston gemma
    genevieve geoffrey george georgette georgia georgina gerald geraldine germaine ghislain ghislaine giacomo gilberte ginette giorgio
    giovanni gisele giulia giuseppe gladys glen goncalo gonzalo grace gregory guenole guilhem guillemette guillermo gunther gustave
    gwenaelle gwendoline habib hadrien hafida hakim halima hamid hamza hanane hanna hannah hans harriet harry hasna hassan hayley
    heather hector heidi heinrich heinz helen helena helene helga helmut henriette hermine hilaire hippolyte holly honore honorine horst
    hortense houria hugo ian ibrahim ibrahima idriss ignace ignacio ilan ilse ilyes imane imogen ines inge ingeborg ingrid irene iris
    irma isabel isabella isabelle isaure isla ismael isobel israel ivan ivy jack jacky jacqueline jade jaime jake jamal jamel jan jane
    janet janice janine jasmine jason jasper javier jayden jeanine jeanne jeannine jeffrey jenna jennifer jeremie jeremy jerome jesse
    jessica jesus jill joachim joan joana joanna joanne joao joaquim jocelyn jocelyne joel joelle joffrey johan johann johanna john
    jonas jonathan jordane jorge jose josee josephine josette joshua josiane josselin joyce juan judith judy jules julia julian juliane
    julianne julie julienne juliette june jurgen justin justine kader kamel karen karim karima karine karl katarzyna kate katherine
    kathleen katia katie kenneth kenza kerry kevin khadija khady khaled kieran kilian kimberley kirsten kirsty klaus krzysztof kurt kyle
    lachlan laetitia laila lana lara laura laure lauren laurence laurene laurie lea leah leandre leila lena leo leonie leopold liam
    lilas lili lilia lilian liliane lilly lilou lily lina linda lindsay line lionel lisa lise lisette loan loic lola lorenzo loris lorna
    lorraine lou louane louisa louison loup luca lucette lucia luciano lucie lucien lucienne lucile lucille lucy ludivine ludmila
    ludovic ludwig luigi luis luke luna lurdes lydia lydie lyna lynda lynn madeleine madison mady mael maelle maelys maeva magali
    magalie magdalena maia maite malcolm malek malgorzata malik malika malo mamadou manfred manon manuel manuela marceau marceline
    marcelle marcello marco marek margaret margaux margot marguerite maria mariam mariama mariame marianne marie marielle marina marine
    mario marion marise marjorie marlene marta martha marthe martial martine mary maryline maryse maryvonne massimo mateo mathilde
    mathis mathys matilda matteo matthew matthias matthieu maud maureen max maxence maya medhi megan mehdi melanie melina melissa
    melodie mercedes meriem merwan mia michael michaela michele micheline michelle mickael miguel mike mila milan milo mireille moana
    mohammed mollie molly mona monika monique morgane mouna mounir mourad moussa muriel mustapha myriam nabil nabila nada nadege nadia
    nadine nadir naima nais nancy naomi nassim natacha natalia natalie natasha nathalie nathan nathanael nawel neil nelly nessim
    nicholas nicola nicole nigel nils nina ninon noa noah noam noe noelie noelle noemie nolan nora norbert nordine norman nour nuno
    oceane octave odette odile odilon olga olivia ombeline ophelie oriane orlane orphee oscar othmane otto ouali ousmane pablo paloma
    pamela paola paolo pascale pascaline patricia patrick paula paule paulette pauline paulo pawel pedro penelope perrine peter petra
    philip phoebe pierrette pierrick pietro pilar piotr poppy prisca priscilla prune quentin rachael rachel rachid rachida rafael
    raffaele rainer raissa ralf ralph ramon raoul raphael raphaelle raul rayan raymonde rebecca regine regis reine remi renata renee
    reza rhys ricardo rita roberto rocio rodolphe rodrigue rolande romane romeo romuald ronald ronan rosa rosalie rose roseline rosemary
    rosie roxane roy ruby rui ruth sabine sabrina safia saida salima sally salma salome salvador salvatore samantha sami samia samira
    sandra sandrine santiago sara sarah sasha saskia sean sebastian segolene selim selma serena sergio severine sharon sheila shirley
    sidonie sienna sigrid sihem silvia simone sixtine slimane sofia sofiane solange solene solenn soline sonia sophia sophie soraya
    souleymane stan stanislas stefan stefano stella stephane stephanie stephen steven susan susana suzanne suzy sven sybille sydney
    sylvain sylvaine sylvette sylvia sylviane sylvie tanguy tania tara tarek tatiana telma teresa tess tessa teva thais thea thelma theo
    theodore theophile theresa therese thibaud thibaut thierry tiago timeo timothee timothy tina tino toby tom tomasz tony tracy tristan
    ugo ulysse ursula uwe valentine valerie valery vanessa vasco vera veronica veronique victoire victoria vincenzo violaine violette
    virgile virginie viviane vladimir wafa walid wassim wendy werner wilfried wilhelm william wojciech wolfgang xaviere yacine yael yan
    yanis yann yannick yasmina yasmine yassine yazid ylan yoan yoann yohan yohann yolande youcef younes youri youssef yvan yvette yvon
    yvonne zacharie zachary zahra zara zeina zelie zineb zoe zohra
"""
ALSO_SURNAMES = frozenset(_ALSO_SURNAMES.split())
"""Given names that are common surnames too: they say less about which half they stand in."""

GIVEN_NAMES = ALSO_SURNAMES | frozenset(_OTHERS.split())
