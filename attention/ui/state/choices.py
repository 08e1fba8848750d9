"""What a reader may choose from, and how far numbers go. Of what has a name, the first is a first visit's."""

from __future__ import annotations

from attention.config import MASK_MODES
from attention.head_measures import MEASURES

# The model, its sizes and its switches.
MODELS = ("lesson", "random")  # where the numbers come from
LESSON_LAYERS, LESSON_HEADS = 2, 4
LESSON_FOCUS = (1, 0)  # layer and head of the lesson model's strongest claim, counted from 0; a test holds it
LESSON_SECOND = (1, 3)  # the head first set beside it: the one that finds the subject from the verb's own row
HEAD_CHOICES = (1, 2, 3, 4, 6, 8, 12)
D_MODEL_CHOICES = (24, 48, 96, 192)
DROPOUT_CHOICES = tuple(tenths / 10 for tenths in range(10))
SWITCHES = ("causal", "scaled", "dropout_on", *MASK_MODES)  # a mode of the mask stands for the change away from it
MAX_DRAWS = 1_000  # "draw again" counts seeds up to here, then starts over

# The panel below the page, the page on training, the glossary.
TABS = ("settings", "numbers", "tokens", "downloads")
STORIES = ("lesson", "induction")  # whose training is shown
MAX_STEP = 999_999  # of a training
MAX_TERM_CHARACTERS = 60

# The page that compares, tool by tool.
TOOLS = ("sides", "find", "worth", "lines")
SIDES_VIEWS = ("difference", "four", "all")  # A, B and their difference; some heads; the overview of all
ALIGNMENTS = ("position", "word")  # how two sentences are laid on each other
MOST_SEVERAL = 4  # heads looked at together
SEARCHES = ("example", "measure", "similar", "role")  # ways to find a head
MEASURED_ROWS = ("mean", "row")  # over which rows a measure is taken
ORDERS = ("heads", *MEASURES)  # of the list of heads; the first is layer by layer
ROLES = ("predicts", "verb", "adjective", "pronoun", "previous", "itself", "start")  # as measured; a test holds it
WORTHS = ("norms", "off", "sink", "rollout")  # the parts of the tool “worth”
