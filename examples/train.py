"""Trains the bundled example: a tiny BERT that judges the sentiment of English tweets.

    python examples/train.py --data ../shared/data --out examples/tweet-sentiment

needs torch, transformers and simpletransformers, and about an hour on one idle CPU core. A MiniLM
teacher is fine-tuned on TweetEval's sentiment task; a student of 1.6 million weights then learns
from the teacher's judgement of those and of other tweets, and simpletransformers saves it in its
own layout. Every stage leaves its result in --work, so an interrupted run goes on where it was.
Seeds are fixed, yet figures differ a little from one CPU and number of threads to the next.
"""

import argparse
import gzip
import html
import random
import re
import shutil
from pathlib import Path

import torch
from tokenizers import BertWordPieceTokenizer
from torch.nn import functional
from transformers import (AutoModelForSequenceClassification, AutoTokenizer, BertConfig,
                          BertForSequenceClassification, BertTokenizerFast,
                          get_linear_schedule_with_warmup)

LABELS = ["negative", "neutral", "positive"]
OTHER_TASKS = ["emoji", "hate", "offensive", "irony", "emotion"]
SPECIAL_TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
SEED = 20
VOCABULARY_SIZE = 8000
ALPHABET_SIZE = 500
HIDDEN_SIZE = 128
MAX_LENGTH = 128
# Labelled tweets are at most 140 characters long. Several joined into one text teach the positions
# that today's longer tweets reach.
JOINED_TEXTS = 4000
# Emoji's 50,000 tweets would outweigh all others.
MOST_PER_TASK = 20000
TEACHER = dict(epochs=2, batch_size=32, learning_rate=5e-5, weight_decay=0.01)
STUDENT = dict(epochs=3, batch_size=64, learning_rate=1e-3, weight_decay=0.01)
TEMPERATURE = 2.0
HARD_LABEL_WEIGHT = 0.3
UNLABELLED = -100


# ---- data ----------------------------------------------------------------------------------------

def read_lines(folder, split, kind):
    """The lines of train_text.txt and its like; a rebuilt file stands in for one not published."""
    for name in (f"{split}_{kind}.reconstructed.txt", f"{split}_{kind}.txt"):
        for path in (folder / name, folder / (name + ".gz")):
            if path.exists():
                opener = gzip.open if path.suffix == ".gz" else open
                with opener(path, "rt", encoding="utf-8", newline="\n") as file:
                    return file.read().rstrip("\n").split("\n")
    return []


def read_labelled(data, split):
    folder = data / "tweeteval" / "sentiment"
    texts = read_lines(folder, split, "text")
    labels = [int(line) for line in read_lines(folder, split, "labels")]
    assert len(texts) == len(labels) > 0, f"{folder}: {split} texts and labels differ in number"
    return texts, labels


def decode(text):
    """SemEval's files hold literal escapes (\\u2019, \\", &amp;) that no real tweet has."""
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match.group(1), 16)), text)
    # Characters beyond U+FFFF come as two escapes, which UTF-16 makes one.
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return html.unescape(text.replace('\\"', '"'))


def fingerprint(text):
    return re.sub(r"\W+", "", decode(text).lower())


def read_unlabelled(data):
    """Other tasks' English tweets, less those that also stand in the sentiment task's files."""
    seen = {fingerprint(text) for split in ("train", "val", "test")
            for text in read_labelled(data, split)[0]}
    folders = [data / "tweeteval" / task for task in OTHER_TASKS]
    folders.append(data / "xlm-t" / "sentiment" / "english")
    texts = []
    for folder in folders:
        lines = [text for split in ("train", "val", "test")
                 for text in read_lines(folder, split, "text")]
        for text in lines[:MOST_PER_TASK]:
            if fingerprint(text) not in seen:
                seen.add(fingerprint(text))
                texts.append(text)
    return texts


def join_texts(texts, count):
    return [" ".join(random.sample(texts, random.randint(2, 4))) for _ in range(count)]


# ---- training ------------------------------------------------------------------------------------

def bucketed_batches(lengths, batch_size):
    """Shuffled batches of texts of like length: hardly any padding is computed."""
    order = list(range(len(lengths)))
    random.shuffle(order)
    chunk = batch_size * 50
    batches = []
    for start in range(0, len(order), chunk):
        indices = sorted(order[start:start + chunk], key=lambda index: lengths[index])
        batches += [indices[at:at + batch_size] for at in range(0, len(indices), batch_size)]
    random.shuffle(batches)
    return batches


def encode(tokenizer, texts):
    return tokenizer(texts, truncation=True, max_length=MAX_LENGTH)["input_ids"]


def pad(sequences, padding_id):
    width = max(len(ids) for ids in sequences)
    ids = torch.tensor([row + [padding_id] * (width - len(row)) for row in sequences])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in sequences])
    return {"input_ids": ids, "attention_mask": mask}


def logits_of(model, batch, reduced_precision):
    with torch.autocast("cpu", torch.bfloat16, enabled=reduced_precision):
        return model(**batch).logits.float()


def make_optimizer(model, settings, steps):
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=settings["learning_rate"],
                                  weight_decay=settings["weight_decay"], fused=True)
    return optimizer, get_linear_schedule_with_warmup(optimizer, int(0.06 * steps), steps)


def train_epoch(model, tokenizer, texts, loss_of, optimizer, scheduler, batch_size,
                reduced_precision):
    """One pass over the texts; loss_of(logits, indices) knows the targets."""
    model.train()
    # Both spellings of an escaped character are met over the epochs.
    spellings = [decode(text) if random.random() < 0.5 else text for text in texts]
    sequences = encode(tokenizer, spellings)
    batches = bucketed_batches([len(ids) for ids in sequences], batch_size)
    running = None
    for step, indices in enumerate(batches):
        batch = pad([sequences[index] for index in indices], tokenizer.pad_token_id)
        loss = loss_of(logits_of(model, batch, reduced_precision), indices)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()
        running = loss.item() if running is None else 0.99 * running + 0.01 * loss.item()
        if step % 100 == 0:
            print(f"  step {step} of {len(batches)}, loss {running:.4f}", flush=True)


def train(model, tokenizer, texts, loss_of, settings, checkpoint, validation, reduced_precision):
    """Trains with a checkpoint after every epoch, from which a second run goes on."""
    steps = settings["epochs"] * -(-len(texts) // settings["batch_size"])
    optimizer, scheduler = make_optimizer(model, settings, steps)
    first = 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        first = state["epochs"]
        for part, name in ((model, "model"), (optimizer, "optimizer"), (scheduler, "scheduler")):
            part.load_state_dict(state[name])
    for epoch in range(first, settings["epochs"]):
        random.seed(SEED + epoch)
        torch.manual_seed(SEED + epoch)
        train_epoch(model, tokenizer, texts, loss_of, optimizer, scheduler,
                    settings["batch_size"], reduced_precision)
        accuracy, recall = evaluate(model, tokenizer, *validation)
        print(f"epoch {epoch + 1}: validation accuracy {accuracy:.4f}, macro recall {recall:.4f}",
              flush=True)
        torch.save({"epochs": epoch + 1, "model": model.state_dict(),
                    "optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict()},
                   checkpoint)


@torch.no_grad()
def predict(model, tokenizer, texts, reduced_precision=False):
    model.eval()
    sequences = encode(tokenizer, texts)
    order = sorted(range(len(texts)), key=lambda index: len(sequences[index]))
    logits = torch.zeros(len(texts), len(LABELS))
    for start in range(0, len(order), 64):
        indices = order[start:start + 64]
        batch = pad([sequences[index] for index in indices], tokenizer.pad_token_id)
        logits[indices] = logits_of(model, batch, reduced_precision)
    return logits


def evaluate(model, tokenizer, texts, labels):
    """Accuracy, and the mean of the classes' recalls (the measure TweetEval ranks by)."""
    predicted = predict(model, tokenizer, texts).argmax(-1)
    truth = torch.tensor(labels)
    correct = (predicted == truth).float()
    recalls = [correct[truth == label].mean() for label in range(len(LABELS))]
    return correct.mean().item(), torch.stack(recalls).mean().item()


# ---- the teacher ---------------------------------------------------------------------------------

def load_teacher(path):
    tokenizer = AutoTokenizer.from_pretrained(path)
    model = AutoModelForSequenceClassification.from_pretrained(path, num_labels=len(LABELS))
    # Word embeddings of rare words gain nothing from two epochs, and updating them all is slow.
    model.base_model.embeddings.requires_grad_(False)
    return model, tokenizer


def train_teacher(path, data, work):
    torch.manual_seed(SEED)
    model, tokenizer = load_teacher(path)
    texts, labels = read_labelled(data, "train")
    targets = torch.tensor(labels)

    def loss_of(logits, indices):
        return functional.cross_entropy(logits, targets[indices])

    train(model, tokenizer, texts, loss_of, TEACHER, work / "teacher.pt",
          read_labelled(data, "val"), reduced_precision=True)
    return model, tokenizer


def judge(teacher, tokenizer, texts, path):
    """The teacher's logits for the texts, computed once."""
    if not path.exists():
        clean = [decode(text) for text in texts]
        torch.save(predict(teacher, tokenizer, clean, reduced_precision=True), path)
    return torch.load(path, weights_only=True)


# ---- the student ---------------------------------------------------------------------------------

def learn_vocabulary(data, path, published):
    """The published vocabulary if there is one: the learner breaks ties at random."""
    if path.exists():
        return
    if published.exists():
        shutil.copy(published, path)
        return
    texts = read_labelled(data, "train")[0] + read_unlabelled(data)
    learner = BertWordPieceTokenizer(lowercase=True)
    learner.train_from_iterator([decode(text) for text in texts], vocab_size=VOCABULARY_SIZE,
                                min_frequency=2, limit_alphabet=ALPHABET_SIZE,
                                special_tokens=SPECIAL_TOKENS, show_progress=False)
    tokens = sorted(learner.get_vocab().items(), key=lambda item: item[1])
    path.write_text("".join(token + "\n" for token, _ in tokens), encoding="utf-8", newline="\n")


def make_student(vocabulary):
    tokenizer = BertTokenizerFast(vocab_file=str(vocabulary), do_lower_case=True,
                                  model_max_length=MAX_LENGTH)
    config = BertConfig(vocab_size=len(tokenizer), hidden_size=HIDDEN_SIZE, num_hidden_layers=3,
                        num_attention_heads=2, intermediate_size=4 * HIDDEN_SIZE,
                        max_position_embeddings=MAX_LENGTH,
                        # So small a model underfits: dropping parts of it only slows it down.
                        hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
                        id2label=dict(enumerate(LABELS)),
                        label2id={label: index for index, label in enumerate(LABELS)},
                        problem_type="single_label_classification")
    return BertForSequenceClassification(config), tokenizer


@torch.no_grad()
def inherit_embeddings(student, tokenizer, teacher, teacher_tokenizer):
    """Starts each token at the teacher's view of it, cut to its principal components."""
    teacher.eval()
    tokens = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
    words = teacher_tokenizer([token.removeprefix("##") for token in tokens])["input_ids"]
    views = []
    for start in range(0, len(words), 64):
        batch = pad(words[start:start + 64], teacher_tokenizer.pad_token_id)
        hidden = teacher.base_model(**batch).last_hidden_state
        mask = batch["attention_mask"].unsqueeze(-1)
        views.append((hidden * mask).sum(1) / mask.sum(1))
    views = torch.cat(views)
    views -= views.mean(0)
    _, _, directions = torch.pca_lowrank(views, HIDDEN_SIZE, center=False, niter=4)
    embeddings = views @ directions
    # Half-way to whitening: the many weak components would drown otherwise.
    embeddings /= embeddings.std(0).sqrt()
    weight = student.bert.embeddings.word_embeddings.weight
    weight.copy_(embeddings * (0.05 / embeddings.std()))
    weight[tokenizer.pad_token_id].zero_()


def distillation_loss(soft, hard):
    """The teacher's softened judgement, and the human label where there is one."""
    judgement = functional.softmax(soft / TEMPERATURE, dim=-1)

    def loss_of(logits, indices):
        softened = functional.log_softmax(logits / TEMPERATURE, dim=-1)
        loss = TEMPERATURE ** 2 * functional.kl_div(softened, judgement[indices],
                                                    reduction="batchmean")
        labels = hard[indices]
        known = labels != UNLABELLED
        if known.any():
            loss = loss + HARD_LABEL_WEIGHT * functional.cross_entropy(logits[known], labels[known])
        return loss

    return loss_of


def train_student(student, tokenizer, teacher, teacher_tokenizer, data, work):
    texts, labels = read_labelled(data, "train")
    others = read_unlabelled(data)
    random.seed(SEED)
    others += join_texts(texts + others, JOINED_TEXTS)
    soft = judge(teacher, teacher_tokenizer, texts + others, work / "judgement.pt")
    hard = torch.tensor(labels + [UNLABELLED] * len(others))
    print(f"{len(labels)} labelled and {len(others)} unlabelled texts", flush=True)
    train(student, tokenizer, texts + others, distillation_loss(soft, hard), STUDENT,
          work / "student.pt", read_labelled(data, "val"), reduced_precision=False)


# ---- the bundled folder --------------------------------------------------------------------------

def save_as_simpletransformers(student, tokenizer, work, out):
    """Hands the model to simpletransformers, which writes the folder as its users know it."""
    from simpletransformers.classification import ClassificationModel

    plain = work / "plain"
    student.save_pretrained(plain)
    tokenizer.save_pretrained(plain)
    arguments = {"labels_list": LABELS, "max_seq_length": MAX_LENGTH, "do_lower_case": True,
                 "manual_seed": SEED, "num_train_epochs": STUDENT["epochs"],
                 "learning_rate": STUDENT["learning_rate"],
                 "train_batch_size": STUDENT["batch_size"],
                 "weight_decay": STUDENT["weight_decay"], "no_cache": True,
                 "use_multiprocessing": False, "use_multiprocessing_for_evaluation": False,
                 "process_count": 1, "silent": True}
    model = ClassificationModel("bert", str(plain), num_labels=len(LABELS), args=arguments,
                                use_cuda=False)
    # The name is recorded in the file; the passing folder's would say nothing.
    model.args.model_name = "tweet-sentiment"
    model.args.tokenizer_name = "tweet-sentiment"
    model.predict(["a first text, after which the tokenizer is in the state that training leaves"])
    model.save_model(str(out), model=model.model)
    shutil.rmtree(plain)


def report(name, model, tokenizer, data):
    accuracy, recall = evaluate(model, tokenizer, *read_labelled(data, "test"))
    print(f"{name}: test accuracy {accuracy:.4f}, macro recall {recall:.4f}", flush=True)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with tweeteval and xlm-t")
    parser.add_argument("--out", type=Path, required=True, help="folder that receives the model")
    parser.add_argument("--teacher", default="sentence-transformers/all-MiniLM-L6-v2",
                        help="encoder that the teacher starts from: a hub name or a folder")
    parser.add_argument("--work", type=Path, default=Path(".cache/tweet-sentiment"),
                        help="folder for what the stages leave (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    data, work = arguments.data, arguments.work
    work.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(SEED)
    learn_vocabulary(data, work / "vocab.txt", published=arguments.out / "vocab.txt")
    teacher, teacher_tokenizer = train_teacher(arguments.teacher, data, work)
    student, tokenizer = make_student(work / "vocab.txt")
    inherit_embeddings(student, tokenizer, teacher, teacher_tokenizer)
    train_student(student, tokenizer, teacher, teacher_tokenizer, data, work)
    save_as_simpletransformers(student, tokenizer, work, arguments.out)
    report("teacher", teacher, teacher_tokenizer, data)
    report("student", student, tokenizer, data)


if __name__ == "__main__":
    main()
