"""The door to Telegram: hears updates, renders what happened."""

from gateway import lean as lean
