/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nonces are random: with 96 bits two alike are to be feared after some 2^32
 * secrets under one key, and a server seals a few at each change that a
 * person makes.  A counter would have to be durable before each use.
 *
 * The key is read and written by hand here, not through buf, because memory
 * that a buf has grown out of is not wiped.
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "sys/fs.h"
#include "sys/rng.h"
#include "sys/seal.h"

#define VERSION 1
#define KEY_SIZE SEAL_KEY_SIZE
#define NONCE_SIZE 12
#define TAG_SIZE 16
#define HEAD_SIZE (1 + NONCE_SIZE)

_Static_assert(HEAD_SIZE + TAG_SIZE == SEAL_OVERHEAD, "the layout");

struct seal {
	uint8_t key[KEY_SIZE];
};

/* ---- the key ----------------------------------------------------------- */

static int
key_make(const char *path, uint8_t key[KEY_SIZE], struct err_note *note)
{
	rng_bytes(key, KEY_SIZE);
	return fs_replace(path, key, KEY_SIZE, 0600, note);
}

static int
key_check(int fd, const char *path, struct err_note *note)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_set(note, err_from_errno(errno), "%s: %s", path,
		    strerror(errno));
	if (!S_ISREG(st.st_mode) || st.st_size != KEY_SIZE)
		return err_set(note, ERR_CORRUPT,
		    "%s is not a key of %d bytes", path, KEY_SIZE);
	if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return err_set(note, ERR_FORBIDDEN,
		    "%s can be used by others than its owner; make it mode "
		    "600", path);
	return 0;
}

static int
key_read(const char *path, uint8_t key[KEY_SIZE], struct err_note *note)
{
	int fd, err;

	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return key_make(path, key, note);
	if (fd < 0)
		return err_set(note, err_from_errno(errno), "%s: %s", path,
		    strerror(errno));
	err = key_check(fd, path, note);
	if (err == 0) {
		err = fs_read_at(fd, key, KEY_SIZE, 0);
		if (err < 0)
			(void)err_set(note, err, "cannot read %s: %s", path,
			    err_text(err));
	}
	(void)close(fd); /* it was only read */
	return err;
}

int
seal_new(const char *path, struct seal **ret_seal, struct err_note *note)
{
	struct seal *seal;
	int err;

	seal = mem_zalloc(sizeof(*seal));
	if (seal == NULL)
		return err_set(note, ERR_NOMEM, "out of memory");
	err = key_read(path, seal->key, note);
	if (err < 0)
		goto out;
	*ret_seal = seal;
	seal = NULL;
out:
	seal_free(seal);
	return err;
}

void
seal_free(struct seal *seal)
{
	if (seal == NULL)
		return;
	OPENSSL_cleanse(seal, sizeof(*seal));
	mem_free(seal);
}

void
seal_wipe(char *secret, size_t len)
{
	if (secret == NULL)
		return;
	OPENSSL_cleanse(secret, len);
	mem_free(secret);
}

int
seal_derive(const struct seal *seal, const char *label,
    uint8_t ret_key[SEAL_KEY_SIZE])
{
	uint8_t key[SEAL_KEY_SIZE];
	unsigned len = sizeof(key);

	if (HMAC(EVP_sha256(), seal->key, KEY_SIZE, (const uint8_t *)label,
		strlen(label), key, &len) == NULL)
		return ERR_NOMEM;
	memcpy(ret_key, key, sizeof(key));
	OPENSSL_cleanse(key, sizeof(key));
	return 0;
}

/* ---- sealing ----------------------------------------------------------- */

/* The context, then the bytes.  0, or ERR_NOMEM: nothing else can fail. */
static int
encrypt(EVP_CIPHER_CTX *cipher, const struct seal *seal, const char *context,
    const void *secret, size_t len, uint8_t *out)
{
	uint8_t *nonce = out + 1, *text = out + HEAD_SIZE;
	int n;

	if (EVP_EncryptInit_ex(cipher, EVP_aes_256_gcm(), NULL, seal->key,
		nonce) != 1 ||
	    EVP_EncryptUpdate(cipher, NULL, &n, (const uint8_t *)context,
		(int)strlen(context)) != 1 ||
	    EVP_EncryptUpdate(cipher, text, &n, secret, (int)len) != 1 ||
	    EVP_EncryptFinal_ex(cipher, text + len, &n) != 1 ||
	    EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, TAG_SIZE,
		text + len) != 1)
		return ERR_NOMEM;
	return 0;
}

int
seal_put(const struct seal *seal, const char *context, const void *secret,
    size_t len, struct buf *out)
{
	EVP_CIPHER_CTX *cipher;
	uint8_t *room;
	int err;

	if (len > SEAL_BYTES_MAX || strlen(context) > SEAL_BYTES_MAX)
		return ERR_TOO_BIG;
	err = buf_reserve(out, len + SEAL_OVERHEAD);
	if (err < 0)
		return err;
	cipher = EVP_CIPHER_CTX_new();
	if (cipher == NULL)
		return ERR_NOMEM;
	room = (uint8_t *)out->data + out->len;
	room[0] = VERSION;
	rng_bytes(room + 1, NONCE_SIZE);
	err = encrypt(cipher, seal, context, secret, len, room);
	if (err == 0)
		out->len += len + SEAL_OVERHEAD;
	out->data[out->len] = '\0';
	EVP_CIPHER_CTX_free(cipher);
	return err;
}

/* ERR_CORRUPT is what a tag that does not fit is, and all else that a
 * decryption can say. */
static int
decrypt(EVP_CIPHER_CTX *cipher, const struct seal *seal, const char *context,
    const uint8_t *sealed, size_t len, char *out)
{
	const uint8_t *text = sealed + HEAD_SIZE;
	uint8_t tag[TAG_SIZE];
	int n;

	memcpy(tag, text + len, TAG_SIZE);
	if (EVP_DecryptInit_ex(cipher, EVP_aes_256_gcm(), NULL, seal->key,
		sealed + 1) != 1)
		return ERR_NOMEM;
	if (EVP_DecryptUpdate(cipher, NULL, &n, (const uint8_t *)context,
		(int)strlen(context)) != 1 ||
	    EVP_DecryptUpdate(cipher, (uint8_t *)out, &n, text,
		(int)len) != 1 ||
	    EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, TAG_SIZE,
		tag) != 1 ||
	    EVP_DecryptFinal_ex(cipher, (uint8_t *)out + len, &n) != 1)
		return ERR_CORRUPT;
	return 0;
}

int
seal_get(const struct seal *seal, const char *context, const void *sealed,
    size_t len, char **ret_secret, size_t *ret_len)
{
	const uint8_t *bytes = sealed;
	EVP_CIPHER_CTX *cipher;
	char *secret;
	int err;

	if (len < SEAL_OVERHEAD || len > SEAL_BYTES_MAX + SEAL_OVERHEAD ||
	    bytes[0] != VERSION || strlen(context) > SEAL_BYTES_MAX)
		return ERR_CORRUPT;
	len -= SEAL_OVERHEAD;
	cipher = EVP_CIPHER_CTX_new();
	secret = mem_zalloc(len + 1);
	if (cipher == NULL || secret == NULL) {
		err = ERR_NOMEM;
		goto out;
	}
	err = decrypt(cipher, seal, context, bytes, len, secret);
	if (err < 0)
		goto out;
	*ret_secret = secret;
	*ret_len = len;
	secret = NULL;
out:
	EVP_CIPHER_CTX_free(cipher);
	seal_wipe(secret, len);
	return err;
}
