"""Records and answers in the shape of PayPal's transaction search."""

import json
import math


def record(number, code="T0006", amount="40.00", fee="-1.75", **more):
    info = {
        "transaction_id": str(number),
        "transaction_event_code": code,
        "transaction_initiation_date": "2026-10-08T09:00:00+0000",
        "transaction_amount": {"currency_code": "EUR", "value": amount},
        "transaction_status": "S",
        "invoice_id": f"M{number}",
    }
    if fee:
        info["fee_amount"] = {"currency_code": "EUR", "value": fee}
    return {"transaction_info": info | more}


def answer(records, page=1, total=None, size=500, **more):
    total = len(records) if total is None else total
    content = {
        "transaction_details": records,
        "account_number": "TIEOUT1",
        "page": page,
        "total_items": total,
        "total_pages": math.ceil(total / size),
    }
    return json.dumps(content | more).encode()
