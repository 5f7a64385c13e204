"""Words so common that a text of hardly anything else says nothing: English, Japanese, Chinese.

The lists are short on purpose: function words only, no word that alone can name a thing.
"""

from __future__ import annotations

_ENGLISH = """
    a about above after again against all also am an and any are as at be because been before being below between
    both but by can could did do does doing down during each few for from further had has have having he her here
    hers herself him himself his how i if in into is it its itself just may me might more most must my myself no nor
    not of off on once only or other our ours ourselves out over own same shall she should so some such than that
    the their theirs them themselves then there these they this those through to too under until up very was we were
    what when where which while who whom whose why will with would you your yours yourself yourselves
"""

_JAPANESE = """
    が を に へ と で の は も や か ね よ わ ぞ な ば て た だ し から まで より ほど だけ など しか さえ こそ
    ばかり くらい ぐらい です ます でした ました ません である であり であった だった だろう でしょう する した して
    しない された される している いる いた いて いない ある あった あり ない なかった なる なった なり れる られる
    せる させる たい らしい ようだ ような ように これ それ あれ どれ ここ そこ あそこ どこ この その あの どの こう
    そう ああ どう こと もの ため とき ところ そして しかし また または および ので のに けど けれど けれども ながら
    つつ について により による によって において として という
"""

_CHINESE = """
    的 了 着 过 地 得 是 在 有 和 与 及 或 而 且 但 就 都 也 又 还 很 太 更 最 不 没 没有 把 被 给 让 向 从 到 对
    对于 关于 我 你 他 她 它 我们 你们 他们 她们 它们 这 那 哪 这个 那个 这些 那些 这样 那样 什么 怎么 为什么 谁 吗
    呢 吧 啊 呀 嘛 么 一个 一些 一样 因为 所以 如果 虽然 但是 然后 而且 或者 以及 就是 还是 不是 可以 会 能 要 想 说
    之 其 所 以 于 为 则 者 這 個 這個 那個 這些 們 我們 你們 他們 沒有 還 對 對於 關於 從 給 讓 與 過 為 嗎 什麼
    怎麼 為什麼 誰 說 會 樣 這樣 那樣 因為 雖然 然後
"""

ENGLISH = frozenset(_ENGLISH.split())
JAPANESE = tuple(dict.fromkeys(_JAPANESE.split()))
CHINESE = tuple(dict.fromkeys(_CHINESE.split()))
"""Simplified, then the traditional writings that differ."""
