"""What every connector shares: protocol, transport, signing, paging, retry, errors, bill tables, registry.

Nothing here knows a particular source, and nothing here touches the archive or the warehouse.
"""
