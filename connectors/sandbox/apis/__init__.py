"""The sources' APIs, each as a pure handler from a request to a response; one line each."""

from collections.abc import Mapping
from types import MappingProxyType

from connectors.sandbox.apis import (
    alipay,
    amazon,
    cmb_direct,
    douyin,
    easypost,
    jd,
    kuaidi100,
    paypal,
    pdd,
    sf,
    shippo,
    shopify,
    shouqianba,
    stripe,
    taobao,
    unionpay,
    wechat_shop,
    wechatpay,
    woocommerce,
)
from connectors.sandbox.apis.scene import Api, Scene

APIS: Mapping[str, Api] = MappingProxyType(
    {
        "alipay": alipay.API,
        "amazon": amazon.API,
        "cmb_direct": cmb_direct.API,
        "douyin": douyin.API,
        "easypost": easypost.API,
        "jd": jd.API,
        "kuaidi100": kuaidi100.API,
        "paypal": paypal.API,
        "pdd": pdd.API,
        "sf": sf.API,
        "shippo": shippo.API,
        "shopify": shopify.API,
        "shouqianba": shouqianba.API,
        "stripe": stripe.API,
        "taobao": taobao.API,
        "unionpay": unionpay.API,
        "wechat_shop": wechat_shop.API,
        "wechatpay": wechatpay.API,
        "woocommerce": woocommerce.API,
    }
)

__all__ = ["APIS", "Api", "Scene"]
