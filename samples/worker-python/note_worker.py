"""Does the jobs of the features `shorten` and `count` of headway.yaml: python3 note_worker.py http://127.0.0.1:8080"""
import sys

from headway_worker import Fail, Worker

worker = Worker(*(sys.argv[1:] or ["http://127.0.0.1:8080"]), name="notes-1", concurrency=4)


@worker.feature("shorten")
def shorten(job):
    """Shows the first words of a note one by one; what was shown is the result."""
    words = job.input.get("note", "").split()
    if not words:
        raise Fail("note-empty", "There is no note to shorten. Send one under `note`.", retryable=False)
    for number, word in enumerate(words[:12], 1):
        job.write(word + " ")
        job.progress(number, min(len(words), 12), "words")


@worker.feature("count")
def count(job):
    """Gives an answer that its schema checks."""
    note = job.input.get("note", "")
    return {"words": len(note.split()), "letters": sum(sign.isalpha() for sign in note)}


if __name__ == "__main__":
    worker.run()
