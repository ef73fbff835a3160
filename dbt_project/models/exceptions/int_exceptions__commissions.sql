-- One row per order whose promoters' bills say another commission than its settlement charged.
with

-- E207: the bill of affiliates, creators and agencies is not what the platform took for them
int_exceptions__commissions as (

    select
        {{ exception_columns(
            'fee', "'E207'", 'finding', "'order'", "order_key || '|bill_of_' || component", 'abs(difference)',
            evident_on='received_on', difference='difference', left_key='order_no', right_key='bill_no',
            explanation="'Charged ' || component || ' ' || charged_amount || ', billed ' || billed_amount"
        ) }}
    from {{ ref('int_exceptions__commission_checks') }}
    where is_beyond

)

select * from int_exceptions__commissions
