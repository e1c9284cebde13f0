"""wire_threads.py - many connections at once; the cases that the thread sanitizer runs."""
import itertools
import os
import random
import shutil
import threading

from bench import BAD, GOOD, at_once, case, equal, plain, refused, started, taken
import arc_peer
import milter_client
import signing
import store
from wire_stops import Load


@case("threads", "500 connections with slow DNS are all answered")
def slow_dns(bench):
    count = 60 if bench.slow else 500
    slow = bench.dns_server(300)

    def one(daemon, number):
        domain = f"d{number}.many.example"
        client = milter_client.Client(daemon.address, timeout=300).start(GOOD)
        answer = client.deliver(plain(domain), sender=f"anna@{domain}")
        client.quit()
        taken(answer, "spf=pass", "dmarc=pass")
    with bench.daemon("limits: { messages = 1000; };", dns_port=slow.port) as daemon:
        at_once([lambda number=number: one(daemon, number) for number in range(count)])
        daemon.stop()
        equal(store.total(daemon.store), count, "the number of messages in the report")


@case("threads", "mail of all kinds on 32 connections, with reloads and hang-ups between")
def mixture(bench):
    rounds = 6 if bench.slow else 30
    signed = bench.signed(plain())

    def one(daemon, seed):
        numbers = random.Random(seed)
        for _ in range(rounds):
            client = started(daemon, numbers.choice((GOOD, BAD)), timeout=300)
            client.deliver(signed)
            client.deliver(plain("shop.example"), sender="sales@shop.example")
            client.mail("anna@example.org")
            if numbers.random() < 0.5:
                client.abort()
                client.deliver(plain("club.example"), sender="")
            client.close()
    with bench.daemon() as daemon:
        done = threading.Event()

        def reloads():
            while not done.wait(0.05):
                daemon.reload()

        thread = threading.Thread(target=reloads)
        thread.start()
        try:
            at_once([lambda seed=seed: one(daemon, seed) for seed in range(32)])
        finally:
            done.set()
            thread.join()


@case("threads", "more connections than places: each message is either judged or asked to come again")
def crowd(bench):
    judged, later = itertools.count(), itertools.count()

    def one(daemon):
        with started(daemon, BAD, timeout=300) as client:
            for _ in range(10):
                answer = client.deliver(plain())
                if answer.reply.startswith("451 4.3.2"):
                    next(later)
                else:
                    refused(answer, "550")
                    next(judged)
    with bench.daemon("limits: { messages = 4; };") as daemon:
        at_once([lambda: one(daemon)] * 40)
        daemon.stop()
        count = next(judged)
        equal(count + next(later), 400, "the number of answers")
        assert count > 0, "nothing was judged"
        equal(store.total(daemon.store), count, "the number of messages in the report")


@case("threads", "a steady load: all is answered and in the report")
def steady(bench):
    connections, each = (16, 20) if bench.slow else (32, 60)
    with bench.daemon() as daemon:
        load = Load(daemon, connections, each)
        load.begin()
        load.end()
        daemon.stop()
        equal(load.answered(), connections * each, "the number of answers")
        equal(store.total(daemon.store), connections * each, "the number of messages in the report")


@case("threads", "mail is sealed on many connections while the settings are read again; each set verifies")
def seals(bench):
    rounds, connections = (6, 8) if bench.slow else (20, 16)
    keys = signing.Keys()
    path = bench.lab.path(f"seal{next(bench.numbers)}.pem")
    shutil.copy(keys.file("rsa2048"), path)
    if os.geteuid() == 0:
        shutil.chown(path, "nobody")
    records = {f"{path.stem}._domainkey.example.net": keys.record("rsa2048")}
    more = f'arc: {{ seal = "all"; domain = "example.net"; keys = "{path}"; }};'
    made = []

    def one(daemon, number):
        for turn in range(rounds):
            message = plain(subject=f"message {number} {turn}")
            with started(daemon, GOOD) as client:
                made.append(arc_peer.inserted(message, client.deliver(message).inserted))
            if turn % 3 == 0:
                daemon.reload()
    with bench.daemon(more) as daemon:
        at_once([lambda number=number: one(daemon, number) for number in range(connections)])
    equal(len(made), rounds * connections, "the messages")
    equal({result.split(" ")[0] for result in arc_peer.by_mail_dkim(made, records)}, {"pass"}, "Mail::DKIM on the chains")
    equal({arc_peer.by_dkimpy(message, records) for message in made[::7]}, {"pass"}, "dkimpy on the chains")
