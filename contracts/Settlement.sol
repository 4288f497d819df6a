// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISettlement, Order, WinCert} from "./interfaces/ISettlement.sol";
import {Funding, Payer} from "./libraries/Funding.sol";
import {LimitMath} from "./libraries/LimitMath.sol";
import {OrderLib} from "./libraries/OrderLib.sol";
import {Pots, PotsLib} from "./libraries/Pots.sol";
import {PoolAddress} from "./libraries/PoolAddress.sol";
import {Cursor, Program} from "./libraries/Program.sol";
import {Signature} from "./libraries/Signature.sol";
import {Hop} from "./verbs/Hop.sol";
import {UniswapV2} from "./verbs/UniswapV2.sol";
import {UniswapV3} from "./verbs/UniswapV3.sol";
import {UniswapV4} from "./verbs/UniswapV4.sol";

/// @title Settlement
/// @notice Fills signed orders. Immutable, without an owner; the only contract that users approve.
/// @dev Three sentences carry the safety. An owner's tokens move only in `Funding.pay`, for a payer that `_check` made
/// after the owner's signature (Permit2 checks it itself), and only to a pool whose address was derived here, or here on
/// their way to one. A receiver is credited only in `_cross`, for what such a pool paid and no more than what arrived of
/// it. A pot pays only what pools put into it during this call, so what this contract may hold by accident is nobody's.
contract Settlement is ISettlement {
    using LimitMath for Order;
    using OrderLib for Order;
    using OrderLib for WinCert;
    using OrderLib for bytes32;
    using PotsLib for Pots;
    using Program for Cursor;

    /* CONSTANTS AND IMMUTABLES */

    /// @dev Flags 0 and 1: receiver and auctioneer are given. An order with any other is not filled.
    uint16 private constant KNOWN_FLAGS = 3;
    uint16 private constant AUCTIONEER = 2;

    uint256 private immutable _deployedOn;
    bytes32 private immutable _separator;

    /* STORAGE */

    /// @inheritdoc ISettlement
    mapping(address owner => mapping(uint256 word => uint256 bits)) public bitmap;

    /// @dev Transient slot 0: the one address that may call back now. Cleared by its first callback.
    address private transient _armed;
    /// @dev Transient slot 1: the lock. It lasts one call and costs no storage.
    uint256 private transient _entered;
    /// @dev Transient slot 2: what the V3 pool that called back last had paid out, as `UniswapV3.payCaller` measured it.
    uint256 private transient _got;

    constructor() {
        _deployedOn = block.chainid;
        _separator = OrderLib.domainSeparator();
    }

    /* EXTERNAL */

    /// @notice A settlement: see {ISettlement}. Takes no ether.
    // Packed bytes have no selector, so the fallback is the door.
    // solhint-disable-next-line payable-fallback
    fallback(bytes calldata) external returns (bytes memory) {
        return _enter();
    }

    /// @notice Ether on its way through a pool of native ether.
    receive() external payable {
        _requireUnwrapped();
    }

    /// @inheritdoc ISettlement
    function cancel(uint56 word, uint256 mask) external {
        _requireIdle();
        bitmap[msg.sender][word] |= mask;
        emit Cancelled(msg.sender, word, mask);
    }

    /// @inheritdoc ISettlement
    function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata data) external {
        _disarm();
        _got = UniswapV3.payCaller(amount0Delta, amount1Delta, data);
    }

    /// @inheritdoc ISettlement
    function unlockCallback(bytes calldata data) external returns (bytes memory result) {
        _disarm();
        return UniswapV4.run(data);
    }

    /// @inheritdoc ISettlement
    // solhint-disable-next-line func-name-mixedcase
    function DOMAIN_SEPARATOR() public view returns (bytes32) {
        return block.chainid == _deployedOn ? _separator : OrderLib.domainSeparator();
    }

    /* INTERNAL: THE STORY */

    function _enter() private returns (bytes memory) {
        _requireIdle();
        _entered = 1;
        Cursor memory cursor;
        uint8 operation = uint8(cursor.read(1));
        if (operation != 0x02) revert UnknownOperation(operation);
        (uint256 sold, uint256 bought) = _settle(cursor);
        _entered = 0;
        return abi.encode(sold, bought);
    }

    function _settle(Cursor memory cursor) private returns (uint256 sold, uint256 bought) {
        Order memory order = cursor.readOrder();
        bytes32 digest = DOMAIN_SEPARATOR().digest(order.hash());
        _check(order, digest);
        (Payer memory payer, uint256 pulled) = _authorize(order, digest, cursor);
        uint256 floor = _floor(order, digest, cursor);

        Pots memory pots;
        pots.open(order, payer, pulled, cursor);
        for (uint256 verbs = cursor.read(1); verbs > 0; --verbs) _cross(order, pots, payer, cursor);
        cursor.requireEnd();
        pots.close();

        sold = pulled == 0 ? order.amount - pots.amounts[0] : pulled;
        bought = pots.amounts[1];
        if (bought < floor) revert PaidTooLittle(digest, bought, floor);
        emit Fill(digest, order.owner, sold, bought);
    }

    /// @dev Refuses what nobody should have signed, and what is over.
    function _check(Order memory order, bytes32 digest) private view {
        if (order.flags & ~KNOWN_FLAGS != 0) revert UnknownFlags(digest, order.flags);
        if (order.amount == 0 || order.limitEnd == 0) revert EmptyOrder(digest);
        if (address(order.sellToken) == address(order.buyToken)) revert SameToken(digest, address(order.sellToken));
        // A payer that is this contract means a pot, so no order may make this contract its owner.
        if (order.owner == address(this)) revert BadSignature(digest, order.owner);
        if (order.receiver == address(0) || order.receiver == address(this)) {
            revert BadReceiver(digest, order.receiver);
        }
        if (block.timestamp > order.validTo) revert OrderExpired(digest, order.validTo);
    }

    /// @dev Reads signature and funding, proves that the owner signed, and uses the nonce up. Kinds of signature: 0 a key
    /// in 64 bytes, 1 ERC-1271, 3 left to Permit2, 4 a key in 65 bytes. Kinds of funding: 0 allowance, 1 Permit2 as the
    /// pool asks, 2 Permit2 in one pull to here. Permit2 keeps nonces of its own; the one here is used up for every
    /// order, so that an order which was signed both ways fills once.
    function _authorize(
        Order memory order,
        bytes32 digest,
        Cursor memory cursor
    ) private returns (Payer memory payer, uint256 pulled) {
        uint8 kind = uint8(cursor.read(1));
        if (kind == 0) {
            Signature.requireCompactKey(order.owner, digest, bytes32(cursor.read(32)), cursor.read(32));
        } else if (kind == 1) {
            Signature.requireContract(order.owner, digest, cursor.readBytes());
        } else if (kind == 3) {
            payer.signature = cursor.readBytes();
        } else if (kind == 4) {
            Signature.requireKey(order.owner, digest, bytes32(cursor.read(32)), cursor.read(32), cursor.read(1));
        } else {
            revert UnknownSignatureKind(kind);
        }

        payer.from = order.owner;
        uint8 funding = uint8(cursor.read(1));
        if (funding > 2) revert UnknownFundingKind(funding);
        // Without this, kind 3 with an allowance would move tokens that nobody signed for.
        if ((kind == 3) != (funding != 0) || (kind == 3 && payer.signature.length == 0)) {
            revert FundingMismatch(kind, funding);
        }
        _useNonce(order, digest);
        if (funding == 0) return (payer, 0);
        (payer.permitted, payer.nonce) = (order.amount, order.nonce);
        (payer.deadline, payer.witness) = (order.validTo, order.hash());
        if (funding == 2) pulled = cursor.read(16);
        if (funding == 2 && pulled == 0) revert EmptyOrder(digest);
    }

    function _useNonce(Order memory order, bytes32 digest) private {
        mapping(uint256 word => uint256 bits) storage words = bitmap[order.owner];
        uint256 bits = words[order.nonce >> 8];
        uint256 bit = 1 << (order.nonce & 255);
        if (bits & bit != 0) revert NonceUsed(digest, order.owner, order.nonce);
        words[order.nonce >> 8] = bits | bit;
    }

    /// @dev What this caller must pay now: the winner of an auction his bid, and anyone, once the decay has begun or
    /// when no auctioneer is named, the limit. A certificate that is not needed is read and passed over.
    function _floor(Order memory order, bytes32 digest, Cursor memory cursor) private view returns (uint256 floor) {
        floor = order.limitAt(block.timestamp);
        uint8 kind = uint8(cursor.read(1));
        if (kind > 1) revert UnknownCertificateKind(kind);
        bool isNeeded = order.flags & AUCTIONEER != 0 && block.timestamp <= order.decayStart;
        if (kind == 0) {
            if (isNeeded) revert CertificateMissing(digest, order.decayStart);
            return floor;
        }

        WinCert memory cert = cursor.readCert();
        (bytes32 r, uint256 vs) = (bytes32(cursor.read(32)), cursor.read(32));
        if (!isNeeded) return floor;
        if (block.number > cert.lastBlock) revert CertificateExpired(digest, cert.lastBlock);
        bytes32 signed = DOMAIN_SEPARATOR().digest(cert.hash(digest, order.amount));
        Signature.requireCompactKey(order.auctioneer, signed, r, vs);
        return cert.minOut > floor ? cert.minOut : floor;
    }

    /// @dev Runs one verb: takes of one token from its pot and pays of another into its pot or to the receiver.
    function _cross(Order memory order, Pots memory pots, Payer memory payer, Cursor memory cursor) private {
        uint256 verb = cursor.read(1);
        (uint256 indexIn, uint256 indexOut) = (0, 1);
        if (verb == 0x02) {
            (indexIn, indexOut) = (cursor.read(1), cursor.read(1));
            verb = cursor.read(1);
        }
        uint256 count = pots.tokens.length;
        if (indexIn == 1 || indexOut == 0 || indexIn >= count || indexOut >= count) {
            revert BadTokenIndex(indexIn, indexOut);
        }

        Hop memory hop;
        (hop.tokenIn, hop.tokenOut) = (pots.tokens[indexIn], pots.tokens[indexOut]);
        hop.to = indexOut == 1 ? order.receiver : address(this);
        hop.amountIn = pots.available(indexIn, cursor.read(16));

        if (indexIn != 0) payer = Funding.self();
        (uint256 paid, uint256 got) = _swap(verb, hop, payer, cursor);
        pots.amounts[indexIn] -= paid;
        pots.amounts[indexOut] += got;
    }

    /// @dev The venues. Whatever the program says, the pool's address comes out of the constant table.
    function _swap(
        uint256 verb,
        Hop memory hop,
        Payer memory payer,
        Cursor memory cursor
    ) private returns (uint256 paid, uint256 got) {
        (address tokenIn, address tokenOut) = (address(hop.tokenIn), address(hop.tokenOut));
        if (verb >> 4 == 1) {
            (address pair, uint256 kept) = PoolAddress.v2(verb & 15, tokenIn, tokenOut);
            return UniswapV2.swap(pair, kept, hop, payer);
        }
        if (verb >> 4 == 2) {
            address pool = PoolAddress.v3(verb & 15, tokenIn, tokenOut, uint24(cursor.read(3)));
            (_armed, _got) = (pool, 0);
            paid = UniswapV3.swap(pool, hop, payer);
            return (paid, _got);
        }
        if (verb == 0x50 || verb == 0x52) {
            _armed = address(UniswapV4.MANAGER);
            (uint24 fee, int24 tickSpacing) = (uint24(cursor.read(3)), int24(uint24(cursor.read(3))));
            return UniswapV4.unlock(UniswapV4.Swap(hop, payer, fee, tickSpacing, verb == 0x52));
        }
        revert UnknownVerb(uint8(verb));
    }

    /* INTERNAL: GUARDS */

    function _requireIdle() private view {
        if (_entered != 0) revert Reentered();
    }

    /// @dev Ether comes from the two contracts that give what was just asked of them. From anyone else it would be lost.
    function _requireUnwrapped() private view {
        bool isExpected = msg.sender == address(UniswapV4.WETH) || msg.sender == address(UniswapV4.MANAGER);
        if (!isExpected) revert UnexpectedEther(msg.sender);
    }

    /// @dev A callback is good once, from the one pool that is being called.
    function _disarm() private {
        if (msg.sender != _armed) revert NotArmed(msg.sender);
        _armed = address(0);
    }
}
