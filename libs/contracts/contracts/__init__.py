"""The language of Starquiz: what services say to each other, as frozen msgspec structs.

Pure data: this package depends on msgspec only. One module per owning service, besides the
envelope (`envelope`), the base classes (`message`), identifiers (`ids`) and stream names (`subjects`).
"""
