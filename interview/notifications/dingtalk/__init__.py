"""The DingTalk channel: waiting messages of a robot are claimed by one worker, combined into
digests, sent within the rate limit, and recorded by DingTalk's response.
"""

DINGTALK = "dingtalk"  # value of `Delivery.channel`
