-- One row per refundable fee of which another part came back than its rule says.
with

-- E202: the fee of a refund did not come back, or not so much
int_exceptions__fee_returns as (

    select
        {{ exception_columns(
            'fee', "'E202'", 'finding', 'anchor_type', 'anchor_key', 'abs(difference)',
            is_waiting='coalesce(' ~ run_variable('today') ~ ' < breaks_on, false)', breaks_on='breaks_on',
            evident_on='greatest(received_on, coalesce(breaks_on, received_on))', difference='difference',
            left_key='source_no', account='account',
            explanation="'Of the fee ' || returned_amount || ' came back, rule ' || rule_id || ' says ' || expected_amount"
        ) }}
    from {{ ref('int_exceptions__fee_return_checks') }}
    where is_beyond

)

select * from int_exceptions__fee_returns
