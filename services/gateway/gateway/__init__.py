"""The door to Telegram: hears updates, renders what happened."""

from gateway import lazy_aiogram as lazy_aiogram
