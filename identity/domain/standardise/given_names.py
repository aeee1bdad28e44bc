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
    aaron abdallah abdel abdelkader abdellah abdou abigail adel adelaide adele adeline adil adrian adriana adrien agathe agnes agnieszka
    aicha aida aidan aime aimee alan alban albane alberto alejandro alessandro alex alexandra alexandrine alexia alexis alfonso alfred
    alice alicia aline alison alix alizee alma aloys alphonse alyssa amanda amandine amar amaury amber ambre amel amelia amelie amina
    aminata amine amir amy ana anabelle anaelle anais anastasia andrea andree andrew andy ange angel angela angele angelina angeline
    angelique angelo angus anis anissa anita ann anna annabelle anne annette annick annie anny anouk anthony antoinette antonin antonio
    antony apolline ariane aristide arlette armand armande armelle arsene assia assma astrid aude audrey augustin augustine aurelia
    aurelie aurelien aurore awa axel axelle aymeric ayoub aziz barbara barry basile bastian beatrice becky benedicte berangere berengere
    berenice bernadette berthe beth bethany betty bilal binta blaise blanche blandine bogdan boris boubacar bradley brahim brandon
    brenda brian brice bridget brigitte bruce bruno bryan caitlin callum cameron camille candice capucine carine carl carla carlos carly
    carmen carol carole caroline carolyn cassandra cassandre catalina caterina catherine cathy catriona cecile cecilia cedric celestin
    celestine celia celine chantal charlene charlie charline charlotte charly cheikh chelsea chiara chloe christel christele christelle
    christiane christina christine christophe christopher chrystelle cindy claire clara clarisse claudette claudia claudie claudine
    claudio clea clemence clementine cloe clotilde colette coline colleen connor constance constant coralie coraline corentin corine
    corinne courtney cristina cynthia cyprien cyrielle cyril cyrille dale dalila damien daniele danielle dany daphne darren davide davy
    deborah delphine denise derek desire diana diane diego dieter dimitri djamel djamila djibril dolores domitille donald donatien donna
    donovan dora dorian doriane dorine doris dorothee dorothy dounia driss eddy edgar edith edmond edward edwige edwin elaine elea
    eleanor elena eleonore eliane elias elie elina eliot elisa elisabeth elise elizabeth ella ellen ellie elliot elodie eloise elsa
    elvire emeline emeric emilie emilien emilienne emily emma emmanuel emmanuelle enora enrico enrique enzo eric erica erik erin ernest
    ernestine erwan erwann esteban estelle esther ethan eugenie eulalie eva evan eve eveline evelyn evelyne evie ewa ewen fabien
    fabienne fabio fabrice fabrizio fadila faiza fanny farah farid farida fatiha fatima fatma fatou fatoumata faustine federico felicie
    felipe fernanda fernande fernando filipe finlay fiona flavie flavien fleur flora flore florence florian floriane florine fouad
    franca france francesca francette francine francisco franck franco francoise freddy frederic frederick frederique freya friedrich
    fritz gabin gabrielle gael gaelle gaetan garance gareth gary gaspard gaston gauthier gemma genevieve geoffrey geoffroy george
    georgette georgia georgina gerald geraldine germaine ghislain ghislaine ghyslaine giacomo gilberte gildas ginette giorgio giovanni
    gisele giulia giuseppe gladys glen goncalo gonzalo grace graziella gregory guenole guilhem guillemette guillermo gunther gustave
    guylaine gwenael gwenaelle gwendoline gwladys habib hadrien hafida hakim halima hamid hamza hanane hanna hannah hans harriet harry
    hasna hassan hayley heather hector heidi heinrich heinz helen helena helene helga helmut heloise henriette hermine hilaire hippolyte
    holly honore honorine horst hortense houria hubertine hugo huguette ian ibrahim ibrahima idriss ignace ignacio ilan ilana ilona ilse
    ilyes imane imogen ines inge ingeborg ingrid irene iris irma isabel isabella isabelle isaure isla ismael isobel israel ivan ivy jack
    jackie jacky jacqueline jade jaime jake jamal jamel jan jane janet janice janine jasmine jason jasper javier jayden jeanine jeanne
    jeannette jeannine jeannot jeffrey jenna jennifer jenny jeremie jeremy jerome jesse jessica jessy jesus jill jimmy joachim joan
    joana joanna joanne joao joaquim jocelyn jocelyne joel joelle joffrey johan johann johanna john johnny jonas jonathan jordane jorge
    joris jose josee josephine josette joshua josiane josselin joyce juan judith judy jules julia julian juliane julianne julie julienne
    juliette june jurgen justin justine kader kamel karen karim karima karine karl katarzyna kate katherine kathleen katia katie katy
    kenneth kenny kenza kerry kevin khadija khady khaled kieran kilian killian kimberley kirsten kirsty klaus krzysztof kurt kyle kylian
    lachlan laetitia laila lana lara laura laure lauren laurence laurene laurette lauriane laurie laurine lea leah leana leandre leane
    leila lena lenny leo leonie leopold liam lila lilas lili lilia lilian liliane lilly lilou lily lina linda lindsay line lionel lisa
    lise lisette loan loane loic lola lolita lorenzo loris lorna lorraine lou louane louisa louisette louison louna loup luca lucette
    lucia luciano lucie lucien lucienne lucile lucille lucy ludivine ludmila ludovic ludwig luigi luis lukas luke luna lurdes lyana
    lydia lydie lyna lynda lynn lysiane madeleine madison mady mael maelle maelys maeva magali magalie magdalena maia mailys maite
    malcolm malek malgorzata malik malika malo mamadou manfred manon manuel manuela marceau marceline marcelle marcello marco marek
    margaret margaux margot marguerite maria mariam mariama mariame marianne marie marielle marilyne marina marine marinette mario
    marion marise marjorie marlene marlon marta martha marthe martial martine marvin mary maryam marylene maryline marylise maryse
    maryvonne massimo mateo matheo mathias mathilde mathis mathys matilda matteo matthew matthias matthieu maud maureen mauricette max
    maxence maximilien maya medhi megan megane mehdi melanie melina melinda melissa melodie melody melvin mercedes meriem merwan mia
    michael michaela michele micheline michelle mickael miguel mikael mike mila milan milo mireille moana mohammed mollie molly mona
    monika monique morgane mouna mounir mourad moussa muriel murielle mustapha mylene myriam nabil nabila nada nadege nadia nadine nadir
    naima nais nancy naomi nassim natacha natalia natalie natasha nathalie nathan nathanael nawel neil nelly nelson nessim nicholas
    nicola nicole nicolle nigel nikolas nils nina ninon noa noah noam noe noelie noelle noemie nolan nolwenn nora norbert nordine norman
    nour nuno oceane octave odette odile odilon olga olivia ombeline ophelie oriana oriane orlane ornella orphee oscar othmane otto
    ouali ousmane pablo paloma pamela paola paolo pascale pascaline patricia patrick paula paule paulette pauline paulo pawel pedro
    peggy penelope perceval perrine peter petra philibert philip phoebe pierrette pierrick pietro pilar piotr poppy prisca priscilla
    prune quentin quitterie rachael rachel rachid rachida rafael raffaele rainer raissa ralf ralph ramon raoul raphael raphaelle raul
    rayan rayane raymonde rebecca regine regis reine rejane remi renata renee reza rhys ricardo rita roberto rocio rodolphe rodrigo
    rodrigue rolande rolland roman romane romeo romuald ronald ronan rosa rosalie rose roseline roselyne rosemary rosie roxane roy ruby
    rudy rui ruth sabine sabrina sacha safia saida salim salima sally salma salome salvador salvatore samantha sami samia samir samira
    samy sandra sandrine sandy santiago sara sarah sasha saskia sean sebastian segolene selim selma serena sergio severin severine
    sharon sheila shirley sidonie sienna sigrid sihem silvia simone sixtine slimane soan sofia sofiane sohan solange solene solenn
    soline sonia sophia sophie soraya souleymane stan stanislas stefan stefano stella stephan stephane stephanie stephen steve steven
    sullivan susan susana suzanne suzy sven swann sybille sydney sylvain sylvaine sylvette sylvia sylviane sylvie tanguy tania tara
    tarek tatiana teddy telma teo teresa tess tessa teva thais thea thelma theo theodore theophile theresa therese thibaud thibaut
    thierry tiago tiffany timeo timothee timothy tina tino tiphaine tiphanie titouan toby tom tomasz tony tracy tristan ugo ulysse
    ursula uwe valentine valerie valery vanessa vasco vera veronica veronique victoire victoria vincenzo violaine violette virgile
    virginie viviane vivien vladimir wafa walid wassim wendy werner wilfrid wilfried wilhelm william willy wojciech wolfgang xaviere
    yacine yael yamina yan yanis yann yannick yannis yasmina yasmine yassine yazid ylan yoan yoann yohan yohann yolande youcef younes
    youri youssef yvan yvanna yveline yvette yvon yvonne zacharie zachary zahra zakaria zara zeina zelia zelie zineb zoe zohra zoubida
"""
ALSO_SURNAMES = frozenset(_ALSO_SURNAMES.split())
"""Given names that are common surnames too: they say less about which half they stand in."""

GIVEN_NAMES = ALSO_SURNAMES | frozenset(_OTHERS.split())
