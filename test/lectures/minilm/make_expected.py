"""Writes expected.json: what Hugging Face's classes make of a few sentences with all-MiniLM-L6-v2.

    python make_expected.py FOLDER      the folder of `npm start -- --with minilm`; needs torch and transformers
"""

import json
import sys
from pathlib import Path

import torch
import transformers
from transformers import AutoModel, AutoTokenizer

TEXTS = [
    "A lion is an animal.",
    "She opened the door, and there was nobody; the house of her grandfather stood empty.",
    "Café-Müller: 3.14 naïve transformers!",
    "Unbelievably, electroencephalography.",
]

folder = sys.argv[1]
tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
batch = tokenizer(TEXTS, padding=True, return_tensors="pt")
with torch.no_grad():
    hidden = model(**batch).last_hidden_state
mask = batch["attention_mask"].unsqueeze(-1).float()
embeddings = torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1), dim=1)
lengths = batch["attention_mask"].sum(1).tolist()
made = {
    "made by": f"transformers {transformers.__version__}, torch {torch.__version__}, float32: "
    "the last hidden state, its mean over the tokens, length 1; the first 24 of 384 numbers",
    "cases": [
        {"text": text, "ids": batch["input_ids"][i][: lengths[i]].tolist(), "embedding": [round(x, 7) for x in embeddings[i][:24].tolist()]}
        for i, text in enumerate(TEXTS)
    ],
    "cosines": [[round(x, 7) for x in row] for row in (embeddings @ embeddings.T).tolist()],
}
Path(__file__).with_name("expected.json").write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
