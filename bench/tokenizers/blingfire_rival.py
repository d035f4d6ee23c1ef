"""BlingFire's speed on the same texts: its library called directly, on bytes that are ready.

Its models are its own makers' conversions: the ids are mostly, not always, those of the package.
"""

import ctypes
import math
import time
from pathlib import Path

MODELS = {"bert-base-uncased": "bert_base_tok.bin", "bert-base-cased": "bert_base_cased_tok.bin",
          "bert-base-multilingual-cased": "bert_multi_cased.bin", "roberta-base": "roberta.bin",
          "xlm-roberta-base": "xlm_roberta_base.bin"}
MOST_IDS = 4096


def measure(name, texts, passes):
    """Seconds of the fastest pass, and the number of ids; none for tokenizers that it has no model of."""
    if name not in MODELS:
        return None
    import blingfire
    model = ctypes.c_void_p(blingfire.load_model(str(Path(blingfire.__file__).parent / MODELS[name])))
    encode, out = blingfire.blingfire.TextToIds, (ctypes.c_int32 * MOST_IDS)()
    data = [text.encode("utf-8") for text in texts]
    best = math.inf
    for _ in range(passes):
        started, count = time.process_time(), 0
        for text in data:
            count += encode(model, text, len(text), out, MOST_IDS, 0)
        best = min(best, time.process_time() - started)
    return best, count
