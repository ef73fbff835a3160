{#
    The canonical streams: each column with its kind, in the order of every ledger relation.

    name:kind[!][words]. "!" = a row without it goes to quarantine. Kinds: id (number given by a source), ref (number
    that points at another record), text, person (leaves staging as a keyed hash only), card (only its last four leave
    staging), word (status or type: an unknown one is kept in source_<name> and <name> is null), choice (closed list: an
    unknown one goes to quarantine), money (not negative), signed (money with a sign), price, rate, quantity, whole,
    flag, time, day.
#}
{% macro stream_definitions() %}
{% set component = 'goods|refund|commission|tech_fee|affiliate_fee|creator_fee|payment_fee|freight|freight_insurance'
    ~ '|platform_subsidy|subsidy_clawback|tax_collected|tax_withheld|reserve_held|reserve_released|ads|fulfilment'
    ~ '|penalty|compensation|duty|import_tax|broker_fee|adjustment' %}
{{ return({
    'orders': 'order_no:id! parent_order_no:ref status:word!created|paid|shipped|completed|closed|cancelled'
        ~ ' buyer_id:person ordered_at:time! paid_at:time shipped_at:time signed_at:time confirmed_at:time'
        ~ ' goods_amount:money merchant_discount:money platform_subsidy:money channel_subsidy:money'
        ~ ' creator_subsidy:money freight:money buyer_paid:money merchant_pay_no:ref'
        ~ ' payment_method:choice=online|cod|credit|offline promise_ship_by:time'
        ~ ' ship_mode:choice=domestic|presale|direct_mail|bonded|fba address:person ordered_qty:quantity'
        ~ ' tax_collected:money is_fake_marked:flag updated_at:time',
    'order_lines': 'order_no:id! line_no:id! sub_order_no:ref sku:text title:text category:text quantity:quantity!'
        ~ ' unit_price:price! line_amount:money! merchant_discount:money unit_cost:price tax_rate:rate',
    'discounts': 'order_no:id! line_no:id name:text bearer:choice!merchant|platform|channel|creator amount:money!',
    'refunds': 'refund_no:id! order_no:ref! line_no:id type:word!refund_only|return_refund|cancel'
        ~ ' status:word!requested|approved|processing|succeeded|rejected|closed amount:money!'
        ~ ' platform_subsidy_returned:money merchant_refund_no:ref reason:text applied_at:time! succeeded_at:time'
        ~ ' approved_by:text',
    'payments': 'transaction_no:id! type:word!payment|refund|reversal|chargeback'
        ~ ' status:word!succeeded|processing|failed|closed|returned amount:money! fee:signed fee_rate:rate'
        ~ ' merchant_pay_no:ref merchant_refund_no:ref original_transaction_no:ref order_no:ref payer_account:person'
        ~ ' occurred_at:time! succeeded_at:time settlement_no:ref',
    'fund_flows': 'flow_no:id! occurred_at:time! direction:choice!in|out amount:money! balance:signed'
        ~ ' business_type:text! category:word=payment|settlement|payout|payout_returned|deposit|small_payment|' ~ component
        ~ ' order_no:ref merchant_pay_no:ref business_ref:ref payout_no:ref remark:text',
    'settlements': 'settlement_no:id! period_start:day period_end:day total_amount:signed! row_count:whole'
        ~ ' settled_at:time! wallet_flow_no:ref payout_no:ref',
    'settlement_lines': 'settlement_no:id! line_no:id! order_no:ref sub_order_no:ref transaction_no:ref'
        ~ ' component:word!' ~ component ~ ' amount:signed! bill_date:day settled_at:time!',
    'payouts': 'payout_no:id! amount:money! fee:signed initiated_at:time! expected_on:day bank_account:text'
        ~ ' bank_reference:ref bank_amount:money bank_currency:text fx_rate:rate'
        ~ ' status:word=in_transit|paid|returned|failed',
    'bank_lines': 'line_no:id! booked_at:time! value_date:day direction:choice!in|out amount:money! balance:signed'
        ~ ' counterparty_name:text counterparty_account:card remark:text bank_reference:ref',
    'shipments': 'waybill_no:id! order_no:ref! carrier:text quantity:quantity outbound_no:ref'
        ~ ' outbound_quantity:quantity tracked_at:time picked_up_at:time delivered_at:time last_scan_at:time'
        ~ ' freight_cost:money',
    'returns': 'return_no:id! order_no:ref! refund_no:ref waybill_no:ref quantity:quantity required:flag'
        ~ ' received_at:time',
    'invoices': 'invoice_no:id! kind:word!sale|red|purchase|fee order_no:ref net:signed! vat:signed! tax_rate:rate'
        ~ ' issued_on:day! counterparty:text',
    'statements': 'stream:text! day:day! row_count:whole in_sum:money out_sum:money opening_balance:signed'
        ~ ' closing_balance:signed',
    'stock_movements': 'movement_no:id! sku:text! warehouse:text moved_at:time! type:word!in|out|return|adjust'
        ~ ' quantity:quantity! unit_cost:price reference:text',
    'stock_balances': 'sku:text! warehouse:text day:day! quantity:quantity!',
    'freight_bills': 'bill_no:id! waybill_no:ref! weight:quantity zone:text amount:money! billed_on:day!',
    'commission_bills': 'bill_no:id! order_no:ref! kind:word!affiliate|creator|agency base:money rate:rate'
        ~ ' amount:money! billed_on:day!',
    'tax_reports': 'quarter:text! gross_income:money! returns_amount:money! net_sales:signed tax_rate:rate',
    'tax_declarations': 'period:text! declared_sales:signed! adjustments:signed note:text',
    'tax_bridge_items': 'quarter:text! item:word!timing_next_quarter|timing_previous_quarter|refund_after_quarter'
        ~ '|fake_orders|net_booking|undeclared|subsidy|fx|other amount:signed! gross_amount:signed evidence:text',
    'ledger_balances': 'account_code:id! period:text! closing_balance:signed! original_amount:signed',
    'listed_orders': 'order_no:id! updated_at:time',
    'trackings': 'waybill_no:id! carrier:text picked_up_at:time delivered_at:time returned_at:time last_scan_at:time'
        ~ ' freight_cost:money',
}) }}
{% endmacro %}

{# The columns of a stream as it is received: list of {name, kind, required, words}. #}
{% macro stream_columns(stream) %}
{% set columns = [] %}
{% for definition in stream_definitions()[stream].split(' ') if definition %}
    {% set name, rest = definition.split(':')[0], definition.split(':')[1] %}
    {% set mark = '!' if '!' in rest else '=' %}
    {% set kind, words = rest.split(mark)[0], rest.split(mark)[1:] | join('') %}
    {% do columns.append({
        'name': name, 'kind': kind, 'required': '!' in rest, 'words': words.split('|') if words else [],
        'out': {'buyer_id': 'buyer_key', 'address': 'address_key'}.get(name, name),
    }) %}
{% endfor %}
{{ return(columns) }}
{% endmacro %}

{# The columns of a stream after staging: list of {name, type, kind}; a word also keeps what the source wrote. #}
{% macro ledger_columns(stream) %}
{% set columns = [] %}
{% for column in stream_columns(stream) %}
    {% do columns.append({'name': column.out, 'type': ledger_type(column.kind), 'kind': column.kind}) %}
    {% if column.kind == 'word' %}
        {% do columns.append({'name': 'source_' ~ column.name, 'type': 'string', 'kind': 'text'}) %}
    {% endif %}
{% endfor %}
{{ return(columns) }}
{% endmacro %}

{# The type of a kind of column. #}
{% macro ledger_type(kind) %}
{{ return({
    'money': 'decimal(18, 2)', 'signed': 'decimal(18, 2)', 'price': 'decimal(18, 6)', 'rate': 'decimal(18, 6)',
    'quantity': 'decimal(18, 6)', 'whole': 'bigint', 'flag': 'boolean', 'time': type_moment(), 'day': 'date',
}.get(kind, 'string')) }}
{% endmacro %}
