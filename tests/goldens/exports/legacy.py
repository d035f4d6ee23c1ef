"""Encoders as transformers 2.1 to 3.0 wrote them, whose exports of 2019 and 2020 are still in use."""

import math

import torch
from torch import nn

import models
from models import HEADS, VOCABULARY, WIDTH

HEAD = WIDTH // HEADS


class LayerNorm(nn.Module):
    """TensorFlow's, with epsilon inside the square root (pytorch_transformers)."""

    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.bias = nn.Parameter(torch.zeros(width))

    def forward(self, x):
        mean = x.mean(-1, keepdim=True)
        variance = (x - mean).pow(2).mean(-1, keepdim=True)
        return self.weight * ((x - mean) / torch.sqrt(variance + 1e-12)) + self.bias


def gelu_erf(x):
    return x * 0.5 * (1.0 + torch.erf(x / math.sqrt(2.0)))


def gelu_tanh(x):
    return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * torch.pow(x, 3))))


class BertAttention(nn.Module):
    """Heads split by sizes read from the tensor; an additive mask of -10000."""

    def __init__(self):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(WIDTH, WIDTH) for _ in range(3))

    def split(self, x):
        return x.view(*(x.size()[:-1] + (HEADS, HEAD))).permute(0, 2, 1, 3)

    def forward(self, x, mask):
        query, key, value = (self.split(each(x)) for each in (self.query, self.key, self.value))
        scores = torch.matmul(query, key.transpose(-1, -2)) / math.sqrt(HEAD) + mask
        context = torch.matmul(nn.functional.softmax(scores, dim=-1), value)
        context = context.permute(0, 2, 1, 3).contiguous()
        return context.view(*(context.size()[:-2] + (WIDTH,)))

    @staticmethod
    def mask(attention_mask):
        return (1.0 - attention_mask.unsqueeze(1).unsqueeze(2).to(torch.float32)) * -10000.0


class DistilBertAttention(BertAttention):
    """Scaled queries; masked_fill with minus infinity over an expanded mask."""

    def forward(self, x, mask):
        batch, length, _ = x.size()
        split = lambda y: y.view(batch, -1, HEADS, HEAD).transpose(1, 2)
        query, key, value = split(self.query(x)), split(self.key(x)), split(self.value(x))
        query = query / math.sqrt(HEAD)
        scores = torch.matmul(query, key.transpose(2, 3))
        dropped = (mask == 0).view((batch, 1, 1, length)).expand_as(scores)
        scores = scores.masked_fill(dropped, -float("inf"))
        context = torch.matmul(torch.softmax(scores, dim=-1), value)
        return context.transpose(1, 2).contiguous().view(batch, -1, WIDTH)

    @staticmethod
    def mask(attention_mask):
        return attention_mask


class AlbertAttention(BertAttention):
    """The output projection as an einsum over heads, which merges them."""

    def __init__(self):
        super().__init__()
        self.dense = nn.Linear(WIDTH, WIDTH)

    def forward(self, x, mask):
        query, key, value = (self.split(each(x)) for each in (self.query, self.key, self.value))
        scores = torch.matmul(query, key.transpose(-1, -2)) / math.sqrt(HEAD) + mask
        context = torch.matmul(nn.Softmax(dim=-1)(scores), value).permute(0, 2, 1, 3).contiguous()
        weight = self.dense.weight.t().view(HEADS, HEAD, WIDTH).to(context.dtype)
        return torch.einsum("bfnd,ndh->bfh", context, weight) + self.dense.bias


class EinsumAttention(BertAttention):
    """Scores and values as einsums over [batch, sequence, heads, size]."""

    def forward(self, x, mask):
        split = lambda y: y.view(y.size(0), y.size(1), HEADS, HEAD)
        query, key, value = split(self.query(x)), split(self.key(x)), split(self.value(x))
        scores = torch.einsum("bqhd,bkhd->bhqk", query, key) * (1 / math.sqrt(HEAD)) + mask
        context = torch.einsum("bhqk,bkhd->bqhd", torch.softmax(scores, dim=-1), value)
        return context.reshape(context.size(0), context.size(1), WIDTH)


class Layer(nn.Module):
    def __init__(self, attention, gelu, norm):
        super().__init__()
        self.attention, self.gelu = attention(), gelu
        self.dense = None if attention is AlbertAttention else nn.Linear(WIDTH, WIDTH)
        self.up, self.down = nn.Linear(WIDTH, 40), nn.Linear(40, WIDTH)
        self.norm, self.last_norm = norm(WIDTH), norm(WIDTH)

    def forward(self, x, mask):
        context = self.attention(x, mask)
        x = self.norm((self.dense(context) if self.dense else context) + x)
        return self.last_norm(self.down(self.gelu(self.up(x))) + x)


class Classifier(nn.Module):
    def __init__(self, attention, gelu=gelu_erf, norm=LayerNorm):
        super().__init__()
        self.attention = attention
        self.words, self.positions = nn.Embedding(VOCABULARY, WIDTH), nn.Embedding(40, WIDTH)
        self.types, self.norm = nn.Embedding(2, WIDTH), norm(WIDTH)
        self.layers = nn.ModuleList(Layer(attention, gelu, norm) for _ in range(2))
        self.pooler, self.classifier = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, 3)

    def forward(self, input_ids, attention_mask, token_type_ids):
        length = input_ids.size(1)
        places = torch.arange(length, dtype=torch.long, device=input_ids.device)
        places = places.unsqueeze(0).expand_as(input_ids)
        x = self.words(input_ids) + self.positions(places) + self.types(token_type_ids)
        x, mask = self.norm(x), self.attention.mask(attention_mask)
        for layer in self.layers:
            x = layer(x, mask)
        return self.classifier(torch.tanh(self.pooler(x[:, 0])))


CASES = {
    "legacy_bert": lambda: Classifier(BertAttention),
    "legacy_bert_tanh": lambda: Classifier(BertAttention, gelu_tanh, lambda n: nn.LayerNorm(n, 1e-12)),
    "legacy_distilbert": lambda: Classifier(DistilBertAttention, gelu_erf, nn.LayerNorm),
    "legacy_albert": lambda: Classifier(AlbertAttention, gelu_tanh),
    "legacy_einsum": lambda: Classifier(EinsumAttention, nn.functional.gelu, nn.LayerNorm),
}


def build(family):
    torch.manual_seed(7)
    model = CASES[family]().eval()
    models.randomize(model)
    return model
