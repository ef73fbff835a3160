{# A word of ours as accountants write it in Chinese; what is not listed stays as it is. #}
{% macro in_chinese(word) -%}
{% set words = {
    'payment': '收款', 'refund': '退款', 'settlement': '结算', 'payout': '提现', 'credit': '入账', 'payout_returned': '提现退回',
    'goods': '货款', 'commission': '佣金', 'tech_fee': '技术服务费', 'affiliate_fee': '淘宝客佣金',
    'creator_fee': '达人佣金', 'payment_fee': '支付手续费', 'freight': '运费', 'freight_insurance': '运费险',
    'platform_subsidy': '平台补贴', 'subsidy_clawback': '补贴扣回', 'tax_collected': '代收税款',
    'tax_withheld': '代扣税款', 'reserve_held': '预留款冻结', 'reserve_released': '预留款释放', 'ads': '推广费',
    'fulfilment': '仓配费', 'penalty': '扣罚', 'compensation': '赔付', 'duty': '关税', 'import_tax': '进口税',
    'broker_fee': '清关费', 'adjustment': '调账', 'deposit': '保证金', 'small_payment': '小额打款',
    'created': '未付款', 'paid': '已付款', 'shipped': '已发货', 'completed': '已完成', 'closed': '已关闭',
    'cancelled': '已取消', 'returned': '退票', 'failed': '失败',
} -%}
case {{ word }}
{%- for ours, theirs in words.items() %} when '{{ ours }}' then '{{ theirs }}'{% endfor %} else {{ word }} end
{%- endmacro %}

{# Why a file was refused: our readers say it in English; what a bill says against itself is put into Chinese. #}
{% macro refusal_in_chinese(reason) -%}
{% set said = namespace(sql=reason) -%}
{% for english, chinese in [
    (' contradicts itself: ', ' 自相矛盾：'), (' is stated as ', ' 写明为 '), (', the rows give ', '，明细为 '),
    (' (deviation ', '（偏差 '), ('); ', '）；'), ('; ', '；'), ('fetch it again', '请重新下载'),
] -%}
{% set said.sql = "replace(" ~ said.sql ~ ", '" ~ english ~ "', '" ~ chinese ~ "')" -%}
{% endfor -%}
{{ said.sql }}
{%- endmacro %}
