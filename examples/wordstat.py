"""Word statistics of text files: frequencies, pairs, an index, a summary.

    python examples/wordstat.py [FILE or DIRECTORY ...]

Without arguments it reads the sources of the standard library's `json` and
`email` packages, so that there is real text wherever there is Python.
"""
import collections
import os
import re
import sys

WORD = re.compile(r"[A-Za-z][A-Za-z']*")
COMMON = frozenset("a an and are as at be by for from if in is it not of on or "
                   "self that the this to with".split())


class Document:
    """One file: its words, and on which lines each of them stands."""

    def __init__(self, path, text):
        self.path = path
        self.lines = text.splitlines()
        self.words = []
        self.index = collections.defaultdict(list)
        for number, line in enumerate(self.lines, 1):
            for word in split_words(line):
                self.words.append(word)
                if word not in COMMON:
                    self.index[word].append(number)

    def sentences(self):
        """Rough sentences: what stands between full stops."""
        for part in " ".join(self.lines).split(". "):
            words = split_words(part)
            if words:
                yield words


def split_words(text):
    return [match.group().lower() for match in WORD.finditer(text)]


def find_files(arguments):
    for argument in arguments:
        if os.path.isdir(argument):
            for directory, _, names in sorted(os.walk(argument)):
                for name in sorted(names):
                    if name.endswith((".py", ".txt", ".rst", ".md")):
                        yield os.path.join(directory, name)
        else:
            yield argument


def read_document(path):
    try:
        with open(path, encoding="utf-8") as file:
            return Document(path, file.read())
    except (OSError, UnicodeDecodeError) as error:
        print(f"wordstat: {path}: {error}", file=sys.stderr)
        return None


def count_pairs(documents):
    """How often one word follows another, common words left out."""
    pairs = collections.Counter()
    for document in documents:
        words = [word for word in document.words if word not in COMMON]
        pairs.update(zip(words, words[1:]))
    return pairs


def syllables(word):
    groups = re.findall(r"[aeiouy]+", word)
    count = len(groups)
    if word.endswith("e") and count > 1:
        count -= 1
    return max(count, 1)


def reading_ease(document):
    """Flesch reading ease; the higher the easier."""
    sentences = words = total = 0
    for sentence in document.sentences():
        sentences += 1
        words += len(sentence)
        total += sum(syllables(word) for word in sentence)
    if not words:
        return 0.0
    return 206.835 - 1.015 * words / sentences - 84.6 * total / words


def merge_index(documents):
    """word -> {path: line numbers}, for every word of every document."""
    merged = {}
    for document in documents:
        for word, numbers in document.index.items():
            merged.setdefault(word, {})[document.path] = tuple(numbers)
    return merged


def print_report(documents, pairs, index):
    frequency = collections.Counter()
    for document in documents:
        frequency.update(document.words)
    print(f"{len(documents)} files, {sum(frequency.values())} words, "
          f"{len(frequency)} different, {len(index)} in the index")
    top = [item for item in frequency.most_common(40) if item[0] not in COMMON]
    print("words: " + ", ".join(f"{word} {n}" for word, n in top[:8]))
    print("pairs: " + ", ".join(f"{a} {b} {n}" for (a, b), n
                                in pairs.most_common(5)))
    ranked = sorted(documents, key=reading_ease)
    if ranked:
        for title, document in (("hardest", ranked[0]), ("easiest", ranked[-1])):
            name = os.path.basename(document.path)
            print(f"{title}: {name} {reading_ease(document):.1f}")


def default_arguments():
    import email
    import json
    return [os.path.dirname(email.__file__), os.path.dirname(json.__file__)]


def load(arguments):
    """Read everything into a list of documents."""
    documents = []
    for path in find_files(arguments or default_arguments()):
        document = read_document(path)
        if document is not None:
            documents.append(document)
    return documents


if __name__ == "__main__":
    library = load(sys.argv[1:])
    word_pairs = count_pairs(library)
    word_index = merge_index(library)
    print_report(library, word_pairs, word_index)
    sys.exit(0 if library else 1)
