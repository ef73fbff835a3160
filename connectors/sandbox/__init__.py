"""The simulated outside: shops, channels, wallets and a bank that agree with each other to the cent.

What belongs here: one deterministic world (``world``), the faults planted in it (``faults``), each source's API in
its real wire format (``apis``), the spreadsheet and bank-statement drops (``drops``), the doors in-process
(``adapter``) and over HTTP (``server``). What does not: any code of the connectors. The sandbox imports nothing of
theirs, so that a misreading of a format cannot agree with itself.
"""
