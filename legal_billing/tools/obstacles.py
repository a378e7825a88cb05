"""What stands against something, of many records at a time, and the one error that says
all of it."""


class Obstacle(str):
    """A sentence: which records, why, and the way out. It knows the error that says so to
    a person."""

    def __new__(cls, sentence, error):
        obstacle = super().__new__(cls, sentence)
        obstacle.error = error
        return obstacle


class Obstacles(dict):
    """``{record: sentences}``; records that nothing stands against are missing. Several
    offenders of one kind share a sentence that names all of them. ``a | b`` holds both,
    what ``a`` says first."""

    def add(self, records, sentence, error):
        """Let a sentence stand against each of these records.

        :param records: none: nothing is added
        :param str sentence:
        :param type error: class of the error that says it to a person
        :return: self, to go on
        :rtype: Obstacles
        """
        obstacle = Obstacle(sentence, error)
        for record in records:
            self.setdefault(record, []).append(obstacle)
        return self

    def add_each(self, sentences, error):
        """Let sentences stand against records, where each names one record only.

        :param dict sentences: ``{record: sentences}``
        :rtype: Obstacles
        """
        for record, texts in sentences.items():
            for text in texts:
                self.add([record], text, error)
        return self

    def __or__(self, other):
        both = Obstacles({record: list(texts) for record, texts in self.items()})
        for record, texts in other.items():
            both.setdefault(record, []).extend(texts)
        return both

    def raise_if_any(self, headings=None):
        """Say everything in one error, each sentence once.

        :param dict headings: ``{error class: text above its sentences}``
        :raise LegalBillingError: of the class of the first sentence
        """
        sentences = {
            (text.error, str(text)): None for texts in self.values() for text in texts
        }
        if not sentences:
            return
        lines, said = [], set()
        for error, text in sentences:
            if error in (headings or {}) and error not in said:
                said.add(error)
                lines.append(headings[error])
            lines.append(text)
        raise next(iter(sentences))[0]("\n".join(lines))
