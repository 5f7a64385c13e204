"""Endpoints: any OpenAI-compatible model server as a model, its answers always checked.

settings       how it is asked, a docstring per field          card           the folder that names an endpoint
remote         the model itself                                prompts        a question as messages or one string
examples       the k shown in context                          instructions   what to do, in English, Japanese, Chinese
unanswered     requests without an answer, told
json_schema    an answer's form for `response_format`          gbnf           the same as a grammar, spans of the text
"""
