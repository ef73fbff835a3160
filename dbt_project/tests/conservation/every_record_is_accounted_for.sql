-- Every record of the ledger has exactly one state at its main level: matched, differs, timing, open or excluded.
select record_type, record_key
from {{ ref('int_matching__record_states') }}
group by record_type, record_key
having count(*) > 1 or max(case when match_status is null then 1 else 0 end) = 1
