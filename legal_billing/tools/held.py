"""What is still open of a record that somebody archives."""


def describe_held(*parts):
    """Join what several rooms say of the same records.

    :param dict parts: ``{record: words}``
    :return: ``{record: words}``
    :rtype: dict
    """
    held = {}
    for part in parts:
        for record, words in part.items():
            held[record] = f"{held[record]}, {words}" if record in held else words
    return held
