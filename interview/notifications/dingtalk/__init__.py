"""The DingTalk channel: notices that wait for a robot are taken in turns, folded, sent within the
budget of the minute, and marked by what DingTalk answers.
"""
