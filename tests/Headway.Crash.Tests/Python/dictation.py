# Says a number of pieces, one after the other, and what becomes of it. Arguments: name, nodes.
import sys
import time

from headway_worker import Stopped, Worker

worker = Worker(*sys.argv[2:], name=sys.argv[1], concurrency=4, wait=2, grace=0.3)


@worker.feature("dictate")
def dictate(job):
    print("begins", job.id, job.attempt, flush=True)
    try:
        for number in range(1, job.input["pieces"] + 1):
            job.write(f"{number} ")
            time.sleep(job.input["pause"])
    except Stopped:
        print("stops", job.id, job.attempt, flush=True)
        raise


@worker.feature("ponder")
def ponder(job):
    print("begins", job.id, job.attempt, flush=True)
    job.stopped.wait()
    print("stops", job.id, job.attempt, flush=True)


worker.run()
print("ends", flush=True)
